import { expect, it } from 'vitest'
import { age, count, rate, size, timeOfDay } from '../../../src/page/ui/figures.ts'

it.each([
  [0, ''],
  [1_000_000_400, 'now'],
  [1_000_005_000, 'now'],
  [999_997_000, '3 s'],
  [999_940_000, '1 min'],
  [996_400_000, '1 h'],
  [827_201_000, '47 h'],
  [740_800_000, '3 d'],
])('tells how long ago %i is', (at, says) => {
  expect(age(at, 1_000_000_000)).toBe(says)
})

it.each([
  [0.01, ''],
  [0.5, '0.5/s'],
  [9.96, '10.0/s'],
  [12.4, '12/s'],
  [5_000, '5,000/s'],
  [123_456, '123k/s'],
])('tells a rate of %d', (perSecond, says) => {
  expect(rate(perSecond)).toBe(says)
})

it.each([
  [9_999, '9,999'],
  [12_345, '12.3k'],
  [4_500_000, '4.5M'],
])('counts %i', (value, says) => {
  expect(count(value)).toBe(says)
})

it.each([
  [1_023, '1023 B'],
  [1_536, '1.5 KiB'],
  [3_500_000, '3.3 MiB'],
])('tells a size of %i', (bytes, says) => {
  expect(size(bytes)).toBe(says)
})

it('tells the time of the day in the zone of the reader', () => {
  const moment = new Date(2026, 0, 2, 3, 4, 5, 6)
  expect(timeOfDay(moment.getTime())).toBe('03:04:05.006')
})
