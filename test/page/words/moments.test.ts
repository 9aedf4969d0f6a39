import { expect, it } from 'vitest'
import {
  ago,
  counted,
  latencyText,
  rateText,
  shortCount,
  shortLength,
  shortMoment,
  shortRate,
  timeOfDay,
} from '../../../src/page/words/moments.ts'

const at = (...parts: [number, number, number, number?, number?, number?]): number =>
  new Date(...parts).getTime()
const now = at(2026, 10, 30, 14, 3, 7)

it.each([
  [at(2026, 10, 30, 9, 5, 1), '09:05:01'],
  [at(2026, 10, 29, 23, 59, 59), '29 Nov 23:59'],
  [at(2025, 10, 30, 14, 3, 7), '30 Nov 2025'],
])('writes %d as %s', (moment, text) => {
  expect(shortMoment(moment, now)).toBe(text)
})

it.each([
  [-5, '0s'],
  [59_999, '59s'],
  [60_000, '1m'],
  [3_600_000, '1h'],
  [47 * 3_600_000, '47h'],
  [48 * 3_600_000, '2d'],
])('writes a length of %d ms as %s', (length, text) => {
  expect(shortLength(length)).toBe(text)
})

it('says how long ago a moment is, and that a later one is yet to come', () => {
  expect([ago(now - 65_000, now), ago(now, now), ago(now + 65_000, now)]).toEqual(['1m ago', 'now', 'in 1m'])
})

it('counts one and many', () => {
  expect([counted(1, 'entry', 'entries'), counted(0, 'client'), counted(12_000, 'client')]).toEqual([
    '1 entry',
    '0 clients',
    '12,000 clients',
  ])
})

it.each([
  [0, '0'],
  [0.02, '0.1'],
  [3.44, '3.4'],
  [5_200.4, '5,200'],
])('writes a rate of %d as %s', (rate, text) => {
  expect(rateText(rate)).toBe(text)
})

it.each([
  [0.421, '0.42 ms'],
  [12.4, '12 ms'],
  [3_420, '3.4 s'],
])('writes a latency of %d ms as %s', (latency, text) => {
  expect(latencyText(latency)).toBe(text)
})

it.each([
  [0.01, ''],
  [0.5, '0.5/s'],
  [9.96, '10.0/s'],
  [12.4, '12/s'],
  [5_000, '5,000/s'],
  [123_456, '123k/s'],
])('writes a rate of %d in few letters', (perSecond, text) => {
  expect(shortRate(perSecond)).toBe(text)
})

it.each([
  [9_999, '9,999'],
  [12_345, '12.3k'],
  [4_500_000, '4.5M'],
])('writes a count of %i in few letters', (count, text) => {
  expect(shortCount(count)).toBe(text)
})

it('writes the time of day in the zone of the reader', () => {
  expect(timeOfDay(new Date(2026, 0, 2, 3, 4, 5, 6).getTime())).toBe('03:04:05.006')
})
