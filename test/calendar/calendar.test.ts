import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { MOST_COUNTED, countTicks, lastTick } from '../../src/calendar/calendar.ts'

/** Ticks at these moments. */
const calendarOf = (moments: readonly number[]) => ({
  next: (after: number) => moments.toSorted((a, b) => a - b).find((each) => each > after) ?? null,
})

test('what lies between two moments is counted, and its last is found', () => {
  const moment = fc.nat(1_000)
  fc.assert(
    fc.property(fc.uniqueArray(moment), moment, moment, (moments, after, upTo) => {
      const between = moments.filter((each) => each > after && each <= upTo)
      const calendar = calendarOf(moments)
      expect(countTicks(calendar, after, upTo)).toBe(between.length)
      expect(lastTick(calendar, after, upTo)).toBe(between.length === 0 ? null : Math.max(...between))
    }),
  )
})

test('no more ticks are counted than can be at once', () => {
  expect(countTicks({ next: (after) => after + 1 }, 0, 1e12)).toBe(MOST_COUNTED)
})

test('the last tick of years is found by few questions', () => {
  let asked = 0
  const next = (after: number): number => {
    asked++
    return (Math.floor(after / 1_000) + 1) * 1_000
  }
  expect(lastTick({ next }, 0, 1e12 + 1)).toBe(1e12)
  expect(asked).toBeLessThan(60)
})
