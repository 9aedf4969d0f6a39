import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  learnedGrace,
  longestLength,
  remembered,
  REMEMBERED,
  usualLength,
} from '../../../src/rules/tasks/learned.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const lengths = fc.array(fc.integer({ min: 1, max: DAY }), { minLength: 5, maxLength: REMEMBERED })

it('remembers the newest values', () => {
  const all = Array.from({ length: 50 }, (_each, index) => index)
  expect(all.reduce<number[]>((known, value) => remembered(known, value), [])).toEqual(all.slice(-REMEMBERED))
})

describe('how long a run may take', () => {
  it('is not known before five runs', () => {
    expect(longestLength([1, 2, 3, 4])).toBeNull()
    expect(usualLength([1, 2, 3, 4])).toBeNull()
  })

  it.each([
    ['runs of a second', [1, 1, 1, 1, 1].map((s) => s * 1_000), 61_000],
    ['runs of an hour, all alike', [1, 1, 1, 1, 1].map((h) => h * HOUR), 1.5 * HOUR],
    // median 60, distances 20 20 0 20 20: 60 + 6 × 1.4826 × 20
    ['runs that spread', [40, 40, 60, 80, 80].map((m) => m * MINUTE), (60 + 6 * 1.4826 * 20) * MINUTE],
  ])('of %s', (_what, known, limit) => {
    expect(longestLength(known)).toBe(Math.round(limit))
  })

  it('is at least half as long again as usual, and a minute more', () => {
    fc.assert(
      fc.property(lengths, (known) => {
        const usual = usualLength(known)!
        expect(longestLength(known)).toBeGreaterThanOrEqual(
          Math.floor(Math.max(usual * 1.5, usual + MINUTE) - 2),
        )
      }),
    )
  })

  it('does not depend on the order in which the runs came', () => {
    fc.assert(
      fc.property(lengths, fc.infiniteStream(fc.nat()), (known, dice) => {
        const keyed = known.map((value) => ({ value, key: dice.next().value as number }))
        const shuffled = keyed.toSorted((a, b) => a.key - b.key).map(({ value }) => value)
        expect(longestLength(shuffled)).toBe(longestLength(known))
      }),
    )
  })

  it('grows with the runs: all of them twice as long have twice the limit, or the floor', () => {
    fc.assert(
      fc.property(lengths, (known) => {
        const twice = longestLength(known.map((value) => 2 * value))!
        expect(twice).toBeGreaterThanOrEqual(longestLength(known)!)
        expect(twice).toBeLessThanOrEqual(2 * longestLength(known)! + 1)
      }),
    )
  })

  it('stays near what is usual, though fewer than half of the runs hung', () => {
    const usual = fc.array(fc.integer({ min: 50 * MINUTE, max: 70 * MINUTE }), {
      minLength: 11,
      maxLength: 12,
    })
    const hung = fc.array(fc.integer({ min: 0, max: 1_000 * DAY }), { maxLength: 8 })
    fc.assert(
      fc.property(usual, hung, (well, wild) => {
        // The median stays among the usual runs, and so does the distance of most runs from it.
        expect(longestLength([...well, ...wild])).toBeLessThanOrEqual((70 + 6 * 1.4826 * 20) * MINUTE)
      }),
    )
  })
})

describe('how late a run may begin', () => {
  it.each([
    ['of a day, while nothing is known', [], DAY, DAY / 10],
    ['of an hour, while nothing is known', [1, 1], HOUR, 6 * MINUTE],
    ['of ten seconds: a minute', [], 10_000, MINUTE],
    [
      'of a day, always punctual: an hour and more, for the clocks that go back',
      [0, 0, 0, 0, 0],
      DAY,
      72 * MINUTE,
    ],
    ['of an hour, always punctual', [0, 0, 0, 0, 0], HOUR, 3 * MINUTE],
    ['of a day, wildly late: never more than a day', [DAY, 9 * DAY, 5 * DAY, 0, 7 * DAY], DAY, DAY],
  ])('for an interval %s', (_what, known, every, grace) => {
    expect(learnedGrace(known, every)).toBe(grace)
  })

  it('lies between the floor and the interval, and takes what was usual for punctual', () => {
    const late = fc.array(fc.integer({ min: 0, max: 2 * HOUR }), { minLength: 5, maxLength: REMEMBERED })
    fc.assert(
      fc.property(late, (known) => {
        const grace = learnedGrace(known, DAY)
        expect(grace).toBeGreaterThanOrEqual(72 * MINUTE)
        expect(grace).toBeLessThanOrEqual(DAY)
        const ordered = known.toSorted((a, b) => a - b)
        expect(grace).toBeGreaterThanOrEqual(ordered[Math.floor((ordered.length - 1) / 2)]!)
      }),
    )
  })
})
