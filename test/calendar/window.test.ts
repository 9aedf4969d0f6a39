// Windows of the day are held to a slow model: look at the clock on the wall, or at the sun.

import * as fc from 'fast-check'
import { getPosition } from 'suncalc'
import { describe, expect, test } from 'vitest'
import { openWindow } from '../../src/calendar/window.ts'

const MINUTE = 60_000
const DAY = 86_400_000
const at = (date: string): number => Date.parse(date)
const NAMES = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

const two = (part: number): string => String(part).padStart(2, '0')
const clock = fc.record({ hour: fc.nat(23), minute: fc.constantFrom(0, 15, 30, 59) })
const shown = ({ hour, minute }: { hour: number; minute: number }): string => `${two(hour)}:${two(minute)}`

test('by the wall clock it is open from one time to the other, on the days on which it begins', () => {
  fc.assert(
    fc.property(
      clock,
      clock,
      fc.option(fc.subarray([0, 1, 2, 3, 4, 5, 6], { minLength: 1 }), { nil: undefined }),
      fc.array(fc.nat(14 * DAY), { minLength: 1, maxLength: 20 }),
      (from, to, weekdays, moments) => {
        fc.pre(shown(from) !== shown(to))
        const days = weekdays?.map((day) => NAMES[day]).join(',')
        // Kathmandu is 5:45 ahead of UTC, all year.
        const window = openWindow({ from: shown(from), to: shown(to), days, timezone: 'Asia/Kathmandu' })
        for (const moment of moments) {
          const local = new Date(at('2026-03-01T00:00Z') + moment + 345 * MINUTE)
          const [now, begin, end] = [
            local.getUTCHours() * 60 + local.getUTCMinutes(),
            from.hour * 60 + from.minute,
            to.hour * 60 + to.minute,
          ]
          const beganToday = now >= begin
          const isIn = begin < end ? beganToday && now < end : beganToday || now < end
          const day = (local.getUTCDay() + (beganToday ? 0 : 6)) % 7
          expect(window.isOpen(at('2026-03-01T00:00Z') + moment)).toBe(
            isIn && (weekdays?.includes(day) ?? true),
          )
        }
      },
    ),
    { numRuns: 100 },
  )
})

test('by the sun it is open while the sun is up, or down, through polar days and nights, too', () => {
  const place = fc.record({
    latitude: fc.double({ min: -80, max: 80, noNaN: true }),
    longitude: fc.double({ min: -180, max: 180, noNaN: true }),
  })
  fc.assert(
    fc.property(place, fc.array(fc.nat(365 * DAY), { minLength: 5, maxLength: 5 }), (where, moments) => {
      const day = openWindow({ from: 'sunrise', to: 'sunset', place: where })
      const night = openWindow({ from: 'sunset', to: 'sunrise', place: where })
      for (const moment of moments) {
        const now = at('2026-01-01T00:00Z') + moment
        const height = getPosition(new Date(now), where.latitude, where.longitude).altitude
        // suncalc lifts what is near the horizon by its refraction.
        if (Math.abs(height) < 1.5) continue
        expect([day.isOpen(now), night.isOpen(now)]).toEqual([height > 0, height < 0])
      }
    }),
    { numRuns: 40 },
  )
})

describe('a window', () => {
  const night = openWindow({ from: '22:00', to: '07:00', days: 'mon-fri', timezone: 'Europe/Paris' })

  test('is open from its first moment on, and shut at its last', () => {
    expect(night.isOpen(at('2026-03-06T20:59:59.999Z'))).toBe(false)
    expect(night.isOpen(at('2026-03-06T21:00Z'))).toBe(true)
    expect(night.isOpen(at('2026-03-07T05:59:59.999Z'))).toBe(true)
    expect(night.isOpen(at('2026-03-07T06:00Z'))).toBe(false)
  })

  test('holds on the days on which it begins', () => {
    // Saturday night, and the night to Monday.
    expect(night.isOpen(at('2026-03-07T22:00Z'))).toBe(false)
    expect(night.isOpen(at('2026-03-09T01:00Z'))).toBe(false)
    expect(night.isOpen(at('2026-03-09T22:00Z'))).toBe(true)
  })

  test('says when it opens next, and why a moment is not in it', () => {
    expect(night.opensAfter(at('2026-03-06T22:00Z'))).toBe(at('2026-03-09T21:00Z'))
    expect(night.describe(at('2026-03-07T22:10Z'))).toBe('sat 23:10 is not between 22:00 and 07:00, mon-fri')
  })

  test('is as long as its readings where the clocks change', () => {
    const early = openWindow({ from: '02:30', to: '03:30', timezone: 'Europe/Paris' })
    const open = (from: string): number =>
      Array.from({ length: 24 * 60 }, (_, index) => at(from) + index * MINUTE).filter(early.isOpen).length
    expect(open('2026-03-28T20:00Z')).toBe(30)
    expect(open('2026-10-24T20:00Z')).toBe(120)
  })

  test('goes from the sun to the clock', () => {
    const place = { latitude: 48.8566, longitude: 2.3522 }
    const evening = openWindow({ from: 'sunset-30m', to: '23:00', timezone: 'Europe/Paris', place })
    expect(evening.isOpen(at('2026-06-21T19:20Z'))).toBe(false)
    expect(evening.isOpen(at('2026-06-21T19:40Z'))).toBe(true)
    expect(evening.isOpen(at('2026-06-21T21:00Z'))).toBe(false)
  })

  test.each([
    [{ from: '22:00', to: '22:00' }, 'it begins and ends at 22:00'],
    [{ from: '24:30', to: '07:00' }, "from: expected a time such as '22:00'"],
    [{ from: '22:00', to: 'bedtime' }, 'got "bedtime"'],
    [{ from: 'sunset', to: '07:00' }, 'the sun needs a place'],
    [{ from: '22:00', to: '07:00', days: 'weekend' }, "days: expected weekdays such as 'mon-fri'"],
    [{ from: '22:00', to: '07:00', timezone: 'Mars/Base' }, 'there is no time zone "Mars/Base"'],
  ])('that is wrong is refused with a sentence', (spec, sentence) => {
    expect(() => openWindow(spec)).toThrow(sentence)
  })
})
