import { expect, it } from 'vitest'
import { admit } from '../../../src/rules/evaluate/mode.ts'
import type { Mode } from '../../../src/rules/authoring/rule.ts'

const ask = (kind: Mode, open: readonly number[], limit = Infinity) => admit({ mode: { kind, limit } }, open)

it.each(['parallel', 'single', 'restart', 'queued'] as const)(
  'plans in mode %s when nothing is open',
  (kind) => {
    expect(ask(kind, [])).toEqual({ kind: 'plan', cancel: [] })
  },
)

it('does what the mode says while earlier runs go on', () => {
  expect(ask('parallel', [1, 2])).toEqual({ kind: 'plan', cancel: [] })
  expect(ask('single', [1])).toEqual({ kind: 'skip', reason: 'run 1 goes on' })
  expect(ask('restart', [1, 2])).toEqual({ kind: 'plan', cancel: [1, 2] })
  expect(ask('queued', [1])).toEqual({ kind: 'queue' })
})

it.each(['parallel', 'queued'] as const)('drops what is over the limit in mode %s', (kind) => {
  expect(ask(kind, [1], 2)).not.toMatchObject({ kind: 'skip' })
  expect(ask(kind, [1, 2], 2)).toEqual({ kind: 'skip', reason: 'dropped: 2 runs of it are open already' })
})
