import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseEnd, parseMoment } from '../../src/base/moment.ts'

const NOW = Date.UTC(2026, 10, 30, 12)
const local = (year: number, month: number, day: number, ...time: number[]): number => {
  const [hour = 0, minute = 0, second = 0, fraction = 0] = time
  return new Date(year, month, day, hour, minute, second, fraction).getTime()
}

it.each([
  ['90m', NOW - 90 * 60_000],
  ['1.5h', NOW - 90 * 60_000],
  ['7d', NOW - 7 * 86_400_000],
  ['2026-11-22', local(2026, 10, 22)],
  ['2026-11-22T14:05', local(2026, 10, 22, 14, 5)],
  ['2026-11-22 14:05:09.5', local(2026, 10, 22, 14, 5, 9, 500)],
  ['2026-11-22T14:05Z', Date.UTC(2026, 10, 22, 14, 5)],
  ['2026-11-22T14:05:09.123456+02:00', Date.UTC(2026, 10, 22, 12, 5, 9, 123)],
  ['2024-02-29', local(2024, 1, 29)],
  ['2026-11-22T14:05-0330', Date.UTC(2026, 10, 22, 17, 35)],
  ['1795950000000', 1_795_950_000_000],
])('reads %s', (text, at) => {
  expect(parseMoment(text, NOW)).toBe(at)
})

it.each(['5', '12', '2026', '1795950000'])('asks for a unit where there is only the number %s', (text) => {
  expect(() => parseMoment(text, NOW)).toThrow(
    /is a number without a unit; write an age such as 90m, 2h or 7d/,
  )
})

it.each([
  '',
  'foo 3',
  'yesterday',
  '5 m',
  '5M',
  '1.2.3h',
  '-5m',
  '2026-02-30',
  '2025-02-29',
  '2026-13-01',
  '2026-00-10',
  '2026-11-22T24:00',
  '2026-11-22T14:60',
  '2026-11-22T14',
  '2026-11-22Z',
  '2026-11-22T14:00+25:00',
  '2026-11-22T14:00 Europe/Paris',
  '22.11.2026',
  'Nov 22 2026',
])('refuses %j with what would be right', (text) => {
  expect(() => parseMoment(text, NOW)).toThrow(
    /is no moment; write .* a day such as 2026-11-22 \(its midnight/,
  )
})

it('reads every moment that is written as an ISO time', () => {
  const same = fc.property(
    fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }),
    (date) => {
      expect(parseMoment(date.toISOString(), NOW)).toBe(date.getTime())
    },
  )
  fc.assert(same)
})

it.each([
  [local(2026, 10, 30, 7, 59), '08:00', local(2026, 10, 30, 8)],
  [local(2026, 10, 30, 8), '08:00', local(2026, 11, 1, 8)],
  [local(2026, 11, 31, 23), '8:05', local(2027, 0, 1, 8, 5)],
  [NOW, '2026-12-01', local(2026, 11, 1)],
  [NOW, '2026-12-01T08:00Z', Date.UTC(2026, 11, 1, 8)],
])('at %d, the end %j is at %d', (now, text, end) => {
  expect(parseEnd(text, now)).toBe(end)
})

it.each(['24:00', '8:60', '8', '2h', 'tomorrow', '2026-02-30'])('refuses the end %j', (text) => {
  expect(() => parseEnd(text, NOW)).toThrow(/is no moment; write a time of the day such as 08:00, /)
})
