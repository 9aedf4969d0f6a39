import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { backoffMs } from '../../src/engine/settle.ts'

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
