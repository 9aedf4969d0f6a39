import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Draft } from '../../../src/engine/runs/draft.ts'
import { newStep, OpenRun } from '../../../src/engine/runs/open-run.ts'
import { applyOutcome, backoffMs, cutOff, MOST_CUT_OFFS } from '../../../src/engine/runs/apply-outcome.ts'
import type { ActionSpec } from '../../../src/model/action.ts'
import type { Run } from '../../../src/model/run.ts'

const retry = { attempts: 9, minMs: 1_000, maxMs: 60_000 }

test('the pause doubles with each attempt up to the longest', () => {
  expect([1, 2, 3, 4, 7, 90].map((attempt) => backoffMs(retry, attempt, 0.999_999))).toEqual([
    1_000, 2_000, 4_000, 8_000, 60_000, 60_000,
  ])
})

test('jitter takes at most half of the pause away, and never goes below the shortest', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 200 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (attempt, random) => {
        const longest = Math.min(60_000, 1_000 * 2 ** (attempt - 1))
        const pause = backoffMs(retry, attempt, random)
        expect(pause).toBeGreaterThanOrEqual(Math.max(1_000, Math.floor(longest / 2)))
        expect(pause).toBeLessThanOrEqual(longest)
      },
    ),
  )
})

/** A step that is tried as these say, one after the other, as long as it is tried at all. */
function tryStep(attempts: number, tries: readonly ('fails' | 'is cut off')[]): OpenRun {
  const spec = {
    kind: 'call',
    timeoutMs: 1,
    retry: { attempts, minMs: 1, maxMs: 1 },
  } as unknown as ActionSpec
  const run = { id: 1, state: 'running' } as Run
  const open = new OpenRun(run, [newStep(1, '0', spec)], new Draft())
  for (const how of tries) {
    if (open.step('0').state === 'dead') break
    open.begin('0', spec, 0)
    if (how === 'fails') applyOutcome(open, '0', { kind: 'retry', reason: 'no answer' }, 0, 0)
    else cutOff(open, '0', 0, 0)
  }
  return open
}

test('what is cut off has not failed, but not without end', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.constantFrom('fails' as const, 'is cut off' as const), { maxLength: 14 }),
      (attempts, tries) => {
        let failures = 0
        let cutOffs = 0
        for (const how of tries) {
          if (failures === attempts) break
          if (how === 'is cut off' && cutOffs < MOST_CUT_OFFS) cutOffs++
          else failures++
        }
        const step = tryStep(attempts, tries).step('0')
        expect(step.state === 'dead').toBe(failures === attempts)
        expect(step).toMatchObject({ cutOffs, attempt: failures + cutOffs })
      },
    ),
  )
})

test('a step that is cut off again and again is dead, and says why', () => {
  expect(tryStep(1, Array(6).fill('is cut off')).step('0')).toMatchObject({
    state: 'dead',
    outcome: {
      reason: 'the hub or its engine ended while it ran, as 5 times before; it may itself be the reason',
    },
  })
})
