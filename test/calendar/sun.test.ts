import * as fc from 'fast-check'
import { getPosition } from 'suncalc'
import { expect, test } from 'vitest'
import { parseOffset, SUN_EVENTS, sunCalendar } from '../../src/calendar/sun.ts'

const MINUTE = 60_000
const DAY = 86_400_000
const at = (date: string): number => Date.parse(date)
const PARIS = { latitude: 48.8566, longitude: 2.3522 }
const TROMSO = { latitude: 69.65, longitude: 18.96 }
const APIA = { latitude: -13.83, longitude: -171.76 }

/** To the minute. */
const minute = (moment: number | null): string | null =>
  moment === null ? null : new Date(Math.round(moment / MINUTE) * MINUTE).toISOString().slice(0, 16)

test('the sun of Paris rises and sets when almanacs say', () => {
  const midsummer = at('2026-06-21T00:00Z')
  expect(SUN_EVENTS.map((event) => minute(sunCalendar(event, PARIS).next(midsummer)))).toEqual([
    '2026-06-21T03:04',
    '2026-06-21T03:47',
    '2026-06-21T11:52',
    '2026-06-21T19:58',
    '2026-06-21T20:41',
  ])
})

test('an offset moves it', () => {
  const sunset = sunCalendar('sunset', PARIS).next(at('2026-06-21T00:00Z'))!
  const early = sunCalendar('sunset', PARIS, parseOffset('-30m'))
  expect(early.next(at('2026-06-21T00:00Z'))).toBe(sunset - 30 * MINUTE)
  expect(early.next(sunset - 30 * MINUTE)! - sunset).toBeGreaterThan(23 * 60 * MINUTE)
  expect(parseOffset('+1h')).toBe(60 * MINUTE)
  expect(() => parseOffset('13h')).toThrow('more than 12h')
  expect(() => parseOffset('-soon')).toThrow('is not a duration')
})

test('each tick is one crossing of the horizon, everywhere and in order', () => {
  const place = fc.record({
    latitude: fc.double({ min: -60, max: 60, noNaN: true }),
    longitude: fc.double({ min: -180, max: 180, noNaN: true }),
  })
  fc.assert(
    fc.property(place, fc.nat(365 * 30), fc.integer({ min: -12, max: 12 }), (where, day, hours) => {
      const from = day * DAY + hours * 60 * MINUTE
      const { next } = sunCalendar('sunrise', where)
      let tick = next(from)!
      expect(tick).toBeGreaterThan(from)
      expect(tick - from).toBeLessThan(1.1 * DAY)
      for (let count = 0; count < 3; count++) {
        const height = (moment: number): number =>
          getPosition(new Date(moment), where.latitude, where.longitude).altitude
        expect(height(tick - 10 * MINUTE)).toBeLessThan(0)
        expect(height(tick + 10 * MINUTE)).toBeGreaterThan(0)
        expect(next(tick - 1)).toBe(tick)
        const following = next(tick)!
        expect(Math.abs(following - tick - DAY)).toBeLessThan(10 * MINUTE)
        tick = following
      }
    }),
    { numRuns: 50 },
  )
})

test('beyond the polar circle there is no sunset in summer and no sunrise in winter, but noon', () => {
  const sunset = sunCalendar('sunset', TROMSO)
  const last = sunset.next(at('2026-05-16T00:00Z'))!
  expect(minute(last)!.slice(0, 7)).toBe('2026-05')
  expect(minute(sunset.next(at('2026-06-01T00:00Z')))!.slice(0, 7)).toBe('2026-07')
  expect(minute(sunCalendar('sunrise', TROMSO).next(at('2026-12-01T00:00Z')))!.slice(0, 7)).toBe('2027-01')
  expect(minute(sunCalendar('noon', TROMSO).next(at('2026-06-01T00:00Z')))!.slice(0, 10)).toBe('2026-06-01')
})

test('a place beside the date line has one noon a day', () => {
  const { next } = sunCalendar('noon', APIA)
  let tick = next(at('2026-01-01T00:00Z'))!
  for (let count = 0; count < 400; count++) {
    const following = next(tick)!
    expect(Math.abs(following - tick - DAY)).toBeLessThan(MINUTE)
    tick = following
  }
})

test('what cannot be is refused with a sentence', () => {
  expect(() => sunCalendar('sunrise', { latitude: 90, longitude: 0 })).toThrow(
    'there is no sunrise at latitude 90',
  )
  expect(() => sunCalendar('sunrise', { latitude: 91, longitude: 0 })).toThrow('latitude must lie between')
  expect(() => sunCalendar('sunrise', { latitude: 0, longitude: 400 })).toThrow('longitude must lie between')
  expect(() => sunCalendar('sunrise', undefined)).toThrow('the sun needs a place')
})
