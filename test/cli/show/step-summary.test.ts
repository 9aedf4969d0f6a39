// Covers `src/cli/show/paint.ts`.

import { expect, it } from 'vitest'
import type { Terminal } from '../../../src/cli/frame/command.ts'
import { paintFor } from '../../../src/cli/show/paint.ts'
import { stepSummary } from '../../../src/cli/show/step-summary.ts'
import { step } from '../../journal/nouns.ts'

const paint = paintFor({ hasColors: false } as Terminal)
const retry = { attempts: 3, minMs: 0, maxMs: 0 }
const spec = { ...step(1, '0').spec!, retry }

it.each([
  [1, 0, '0 pending   wait 1s'],
  [2, 0, '0 pending   wait 1s (attempt 2 of 3)'],
  [2, 1, '0 pending   wait 1s (cut off once, not counted)'],
  [5, 3, '0 pending   wait 1s (attempt 2 of 3; cut off 3 times, not counted)'],
  [4, 0, '0 pending   wait 1s (attempt 4)'],
])('tells of %d attempts, of which %d were cut off', (attempt, cutOffs, line) => {
  expect(stepSummary(step(1, '0', { spec, attempt, cutOffs }), paint)).toBe(line)
})

it('escapes what a terminal would obey in the name of a process', () => {
  const processes = [{ pid: 7, name: 'sh\u001B', how: 'terminated' }]
  const outcome = { kind: 'done', result: { processes } } as const
  const target = { select: { name: 'sh' } }
  const kill = { kind: 'kill', target, graceMs: 0, timeoutMs: 0, retry } as const
  expect(stepSummary(step(1, '0', { spec: kill, outcome, attempt: 1 }), paint)).toContain(
    String.raw`sh\x1b (7) ended`,
  )
})
