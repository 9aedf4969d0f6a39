// The ticks of a cron expression in a time zone. node-cron parses the expression and says which days match;
// the rest is arithmetic on readings of the wall clock (zone.ts), so a tick years away costs no more than the
// next one.
//
// The wall clock changes at the beginning and the end of summer time:
// - A reading that is skipped ticks at the first moment after the gap, once for all skipped readings of the
//   gap. An hourly schedule goes on in elapsed time instead, so it makes up for nothing. A whole day that is
//   skipped has no ticks.
// - A reading that comes twice ticks the first time only. An interval (`*` or a step in the minutes or hours)
//   ticks both times.

import { createTask, parse, validateDetailed } from 'node-cron'
import type { Calendar } from './calendar.ts'
import { DAY_MS, zoneNamed } from './zone.ts'
import type { Zone } from './zone.ts'

interface Fields {
  readonly hours: readonly number[]
  readonly minutes: readonly number[]
  readonly seconds: readonly number[]
  /** The days of a month that match, ascending. */
  readonly daysIn: (year: number, month: number) => readonly number[]
  readonly isInterval: boolean
}

/** Each kind of month (of February 29ths on a Monday, too) comes within 40 years, so nothing comes later. */
const MOST_MONTHS = 12 * 41

/**
 * @param expression five or six fields as node-cron has them, or a name such as `@daily`
 * @param timezone by default that of this process
 * @throws RangeError whose message says what is wrong
 */
export function cronCalendar(expression: string, timezone?: string): Calendar {
  const fields = fieldsOf(expression)
  if (nextReading(fields, 0) === null) throw new RangeError('it never ticks: no month has such a day')
  const zone = zoneNamed(timezone)
  return {
    next: (after) => next(fields, zone, after),
    isInterval: fields.isInterval,
    identity: `cron ${expression} ${zone.name}`,
  }
}

function next(fields: Fields, zone: Zone, after: number): number | null {
  let cursor = after
  /** Changes up to this moment are in the offset. */
  let changedAt = after
  let offset = zone.offsetAt(after)
  for (;;) {
    const shown = cursor + offset
    const passed = fields.isInterval ? null : zone.readingPassed(changedAt)
    const reading = nextReading(fields, passed === null ? shown : Math.max(shown, passed - 1))
    if (reading === null) return null
    const tick = reading - offset
    const isFar = tick - cursor > 4 * DAY_MS
    const change = zone.changeBetween(changedAt, isFar ? cursor + 2 * DAY_MS : tick)
    if (change !== null) {
      const isSkipped = reading < change.at + change.toMs && change.toMs - change.fromMs < DAY_MS
      if (isSkipped && fields.hours.length < 24) return change.at
      cursor = change.at - 1
      changedAt = change.at
      offset = change.toMs
    } else if (isFar) {
      // Nothing that matches is shown in between, so no change in between matters.
      cursor = changedAt = tick - 2 * DAY_MS
      offset = zone.offsetAt(cursor)
    } else return tick
  }
}

/** The first reading later than `after` that the fields match, as if no clock were ever changed. */
function nextReading(fields: Fields, after: number): number | null {
  const from = new Date(Math.floor(after / 1_000) * 1_000 + 1_000)
  let [year, month, firstDay] = [from.getUTCFullYear(), from.getUTCMonth(), from.getUTCDate()]
  let second = Math.floor((from.getTime() - Date.UTC(year, month, firstDay)) / 1_000)
  for (let months = 0; months < MOST_MONTHS; months++) {
    for (const day of fields.daysIn(year, month)) {
      if (day < firstDay) continue
      const found = secondOfDay(fields, day === firstDay ? second : 0)
      if (found !== null) return Date.UTC(year, month, day) + found * 1_000
    }
    month++
    if (month === 12) [year, month] = [year + 1, 0]
    firstDay = 1
    second = 0
  }
  return null
}

/** The first second of the day, not before `from`, that the fields match. */
function secondOfDay({ hours, minutes, seconds }: Fields, from: number): number | null {
  const [hour, minute, second] = [Math.floor(from / 3_600), Math.floor(from / 60) % 60, from % 60]
  const at = (h: number, m = minutes[0]!, s = seconds[0]!): number => h * 3_600 + m * 60 + s
  for (const h of hours) {
    if (h < hour) continue
    if (h > hour) return at(h)
    for (const m of minutes) {
      if (m < minute) continue
      if (m > minute) return at(h, m)
      for (const s of seconds) if (s >= second) return at(h, m, s)
    }
  }
  return null
}

function fieldsOf(expression: string): Fields {
  const { valid, errors } = validateDetailed(expression)
  if (!valid) {
    const wrong = errors.map(({ message }) => message).join('; ')
    throw new RangeError(`${wrong}; expected five or six fields such as '0 7 * * mon-fri'`)
  }
  const { second, minute, hour, dayOfMonth, month, dayOfWeek } = parse(expression)
  const [hourText = '', minuteText = ''] = expression.trim().split(/\s+/).toReversed().slice(3)
  const hours = ascending(hour)
  return {
    hours,
    minutes: ascending(minute),
    seconds: ascending(second),
    daysIn: daysOf(`${dayOfMonth.join(',')} ${month.join(',')} ${dayOfWeek.join(',')}`),
    isInterval: hours.length === 24 || /[*/]/.test(hourText + minuteText),
  }
}

/**
 * @param fields of the day, the month and the weekday. The days of a month are those of any month of its
 * kind.
 */
function daysOf(fields: string): Fields['daysIn'] {
  const task = createTask(`0 0 ${fields}`, () => {}, { timezone: 'UTC' })
  // node-cron only parses and matches here; the task is never started.
  void task.destroy()
  const known = new Map<string, readonly number[]>()
  return (year, month) => {
    const length = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
    const kind = `${month} ${length} ${new Date(Date.UTC(year, month, 1)).getUTCDay()}`
    const found =
      known.get(kind) ??
      Array.from({ length }, (_, index) => index + 1).filter((day) =>
        task.match(new Date(Date.UTC(year, month, day))),
      )
    known.set(kind, found)
    return found
  }
}

const ascending = (values: readonly number[]): readonly number[] =>
  [...new Set(values)].toSorted((a, b) => a - b)
