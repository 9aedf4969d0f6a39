// A cron expression is held to a slow model: walk minute by minute, and look what the wall clock shows.
//
// Covers `src/calendar/zone.ts`.

import * as fc from 'fast-check'
import { createTask } from 'node-cron'
import { describe, expect, test } from 'vitest'
import { cronCalendar } from '../../src/calendar/cron.ts'

/** VIGIE_MODEL_RUNS=5000 hunts for longer. */
const numRuns = Number(process.env['VIGIE_MODEL_RUNS'] ?? 60)
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const at = (date: string): number => Date.parse(date)
const iso = (moment: number | null): string | null =>
  moment === null ? null : new Date(moment).toISOString().replace(':00.000Z', 'Z')

function ticks(expression: string, timezone: string, from: string, count: number): (string | null)[] {
  const { next } = cronCalendar(expression, timezone)
  const found: (string | null)[] = []
  for (let moment = next(at(from)); found.length < count; moment = moment && next(moment))
    found.push(iso(moment))
  return found
}

/** Days around which a zone changes its clock, and one that never does. */
const CHANGES: readonly (readonly [zone: string, day: string])[] = [
  ['Europe/Paris', '2026-03-29'],
  ['Europe/Paris', '2026-10-25'],
  ['America/New_York', '2026-03-08'],
  ['America/New_York', '2026-11-01'],
  ['Australia/Lord_Howe', '2026-04-05'],
  ['Australia/Lord_Howe', '2026-10-04'],
  ['Asia/Kathmandu', '1986-01-01'],
  ['America/Sao_Paulo', '2018-02-18'],
  ['America/Sao_Paulo', '2018-11-04'],
  ['Pacific/Apia', '2011-12-30'],
  ['Africa/Casablanca', '2026-02-15'],
  ['Africa/Casablanca', '2026-03-22'],
  ['America/Nuuk', '2024-03-31'],
  ['Europe/London', '2026-10-25'],
  ['UTC', '2026-10-25'],
]

/** What the wall clock shows at each minute of three days, as `[moment, reading]`. */
const walks = CHANGES.map(([zone, day]) => {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'medium',
  })
  const from = at(`${day}T00:00Z`) - 1.5 * DAY
  const minutes = Array.from({ length: (3 * DAY) / MINUTE }, (_, index) => from + index * MINUTE)
  return { zone, minutes: minutes.map((moment) => [moment, at(`${format.format(moment)}Z`)] as const) }
})

interface Wanted {
  readonly minute: string
  readonly hour: string
  readonly day: string
  readonly weekday: string
}

/** The slow matcher of one field: tries every value against a star, a step, a range, a list. */
const valuesOf = (field: string): ReadonlySet<number> =>
  new Set(Array.from({ length: 60 }, (_, value) => value).filter((value) => takes(field, value)))

const takes = (field: string, value: number): boolean =>
  field.split(',').some((part) => {
    const [range = '', step = '1'] = part.split('/')
    if (range === '*') return value % Number(step) === 0
    const [low, high = low] = range.split('-').map(Number)
    return value >= low! && value <= high! && (value - low!) % Number(step) === 0
  })

function matcherOf({ minute, hour, day, weekday }: Wanted): (reading: number) => boolean {
  const [minutes, hours, days, weekdays] = [minute, hour, day, weekday].map(valuesOf)
  return (reading) => {
    const shown = new Date(reading)
    return (
      minutes!.has(shown.getUTCMinutes()) &&
      hours!.has(shown.getUTCHours()) &&
      days!.has(shown.getUTCDate()) &&
      weekdays!.has(shown.getUTCDay())
    )
  }
}

function modelTicks(wanted: Wanted, minutes: readonly (readonly [number, number])[]): number[] {
  const isWanted = matcherOf(wanted)
  const isInterval = /[*/]/.test(wanted.minute + wanted.hour)
  const shown = new Set<number>()
  const found: number[] = []
  let before = minutes[0]![1]
  for (const [moment, reading] of minutes) {
    const skipped: number[] = []
    if (wanted.hour !== '*' && reading - before < DAY)
      for (let each = before + MINUTE; each < reading; each += MINUTE) skipped.push(each)
    const isNew = isInterval || !shown.has(reading)
    if (skipped.some(isWanted) || (isNew && isWanted(reading))) found.push(moment)
    shown.add(reading)
    before = reading
  }
  return found
}

const wanted: fc.Arbitrary<Wanted> = fc.record({
  minute: fc.oneof(
    fc.constantFrom('*', '*/10', '*/7', '0', '30', '0,30', '5-55/10', '45-59'),
    fc.nat(59).map(String),
  ),
  hour: fc.oneof(
    fc.constantFrom('*', '*/2', '0', '1', '2', '3', '22-23', '0-5', '1,2,3', '23'),
    fc.nat(23).map(String),
  ),
  day: fc.constantFrom('*', '*', '*', '1-15', '29,30', '25'),
  weekday: fc.constantFrom('*', '*', '*', '0', '6', '1-5'),
})

describe('next', () => {
  test('agrees with a walk from minute to minute, through the changes of many zones', () => {
    fc.assert(
      fc.property(wanted, fc.constantFrom(...walks), fc.nat(DAY), (fields, { zone, minutes }, skipMs) => {
        const { minute, hour, day, weekday } = fields
        const calendar = cronCalendar(`${minute} ${hour} ${day} * ${weekday}`, zone)
        const from = minutes[0]![0] + DAY / 2 + skipMs
        const upTo = minutes.at(-1)![0]
        const found: number[] = []
        for (let tick = calendar.next(from); tick !== null && tick <= upTo; tick = calendar.next(tick))
          found.push(tick)
        expect(found.map(iso)).toEqual(
          modelTicks(fields, minutes)
            .filter((moment) => moment > from)
            .map(iso),
        )
      }),
      { numRuns },
    )
  })

  test('ascends with the moment that it is asked about', () => {
    fc.assert(
      fc.property(
        wanted,
        fc.constantFrom(...walks),
        fc.nat(2 * DAY),
        fc.nat(DAY),
        (fields, walk, a, more) => {
          const { minute, hour, day, weekday } = fields
          const { next } = cronCalendar(`${minute} ${hour} ${day} * ${weekday}`, walk.zone)
          const from = walk.minutes[0]![0] + a
          const [one, other] = [next(from)!, next(from + more)!]
          expect(one).toBeGreaterThan(from)
          expect(one).toBeLessThanOrEqual(other)
          expect(next(one - 1)).toBe(one)
        },
      ),
      { numRuns },
    )
  })

  test.each(['0 9 * * mon-fri', '15 10 L * *', '0 0 15W * *', '0 12 * * 5#3', '30 6 * feb 1L', '@weekly'])(
    'finds for %s what the matcher of node-cron takes, and nothing in between',
    (expression) => {
      const { next } = cronCalendar(expression, 'Asia/Kathmandu')
      const task = createTask(expression, () => {}, { timezone: 'Asia/Kathmandu' })
      void task.destroy()
      let moment = at('2026-01-10T00:00Z')
      for (let count = 0; count < 3; count++) {
        const tick = next(moment)!
        expect(task.match(new Date(tick))).toBe(true)
        for (let each = Math.max(moment + HOUR, tick - 2 * DAY); each < tick; each += 15 * MINUTE)
          expect(task.match(new Date(Math.floor(each / MINUTE) * MINUTE))).toBe(false)
        moment = tick
      }
    },
  )
})

describe('a job at 02:30', () => {
  test('runs at the first moment after an hour that is skipped', () => {
    expect(ticks('30 2 * * *', 'Europe/Paris', '2026-03-27T12:00Z', 3)).toEqual([
      '2026-03-28T01:30Z',
      '2026-03-29T01:00Z',
      '2026-03-30T00:30Z',
    ])
  })

  test('runs the first time that an hour comes twice', () => {
    expect(ticks('30 2 * * *', 'Europe/Paris', '2026-10-24T12:00Z', 2)).toEqual([
      '2026-10-25T00:30Z',
      '2026-10-26T01:30Z',
    ])
    expect(ticks('30 1 * * *', 'America/New_York', '2026-10-31T12:00Z', 2)).toEqual([
      '2026-11-01T05:30Z',
      '2026-11-02T06:30Z',
    ])
  })

  test('is made up for together with what else the gap holds', () => {
    expect(ticks('0,20,40 2,3 * * *', 'Europe/Paris', '2026-03-29T00:30Z', 3)).toEqual([
      '2026-03-29T01:00Z',
      '2026-03-29T01:20Z',
      '2026-03-29T01:40Z',
    ])
  })

  test('runs once on every day of a year, in every zone', () => {
    for (const zone of ['Europe/Paris', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Casablanca']) {
      const { next } = cronCalendar('30 2 * * *', zone)
      const day = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' })
      const days = new Set<string>()
      let count = 0
      for (let tick = next(at('2025-12-31T12:00Z'))!; tick < at('2026-12-31T12:00Z'); tick = next(tick)!) {
        days.add(day.format(tick))
        count++
      }
      expect([zone, count, days.size]).toEqual([zone, 365, 365])
    }
  })

  test('has no tick on a day that a zone leaves out', () => {
    expect(ticks('30 2 * * *', 'Pacific/Apia', '2011-12-29T10:00Z', 2)).toEqual([
      '2011-12-29T12:30Z',
      '2011-12-30T12:30Z',
    ])
  })
})

describe('an interval', () => {
  test.each([
    ['* * * * *', MINUTE],
    ['*/10 * * * *', 10 * MINUTE],
    ['0 * * * *', HOUR],
    ['15 * * * *', HOUR],
    ['*/10 * * * * *', 10_000],
  ])('%s goes on in elapsed time through both ends of summer time', (expression, stepMs) => {
    for (const [zone, change] of [
      ['Europe/Paris', '2026-03-29T01:00Z'],
      ['Europe/Paris', '2026-10-25T01:00Z'],
      ['America/New_York', '2026-11-01T06:00Z'],
    ] as const) {
      const { next } = cronCalendar(expression, zone)
      let tick = next(at(change) - 2 * HOUR)!
      while (tick < at(change) + 2 * HOUR) {
        const following = next(tick)!
        expect(following - tick).toBe(stepMs)
        tick = following
      }
    }
  })

  test('of some hours goes on through an hour that comes twice', () => {
    expect(ticks('*/30 0-5 * * *', 'Europe/Paris', '2026-10-24T23:59Z', 5)).toEqual([
      '2026-10-25T00:00Z',
      '2026-10-25T00:30Z',
      '2026-10-25T01:00Z',
      '2026-10-25T01:30Z',
      '2026-10-25T02:00Z',
    ])
  })
})

test('a tick that is years away is found at once', () => {
  const begin = process.cpuUsage()
  expect(ticks('0 0 29 2 1', 'UTC', '2072-03-01T00:00Z', 1)).toEqual(['2112-02-29T00:00Z'])
  expect(ticks('0 0 29 2 *', 'Europe/Paris', '2096-03-01T00:00Z', 1)).toEqual(['2104-02-28T23:00Z'])
  // Of the processor, not of the clock: other tests run beside this one.
  const { user } = process.cpuUsage(begin)
  expect(user / 1_000).toBeLessThan(500)
})

test('what cannot tick is refused with a sentence', () => {
  expect(() => cronCalendar('0 0 31 2 *')).toThrow(/impossible day/)
  expect(() => cronCalendar('0 0 29-31 2 1#1')).toThrow('it never ticks: no month has such a day')
  expect(() => cronCalendar('0 25 * * *')).toThrow('expected five or six fields')
  expect(() => cronCalendar('0 7 * * *', 'Europe/Pariss')).toThrow('there is no time zone "Europe/Pariss"')
})
