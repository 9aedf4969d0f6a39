// Moments as people write them. What has no zone is local time (UTC under --utc); what could mean two things, or is no day of
// the calendar, is refused: `Date.parse` takes '5' for May 2001 and '2026-02-30' for the second of March.

import { dayOf, momentAt } from './local-time.ts'
import { parseDuration } from './quantities.ts'

const WANTED =
  'an age such as 90m, 2h or 7d, a day such as 2026-11-22 (its midnight, local time), ' +
  'or a time such as 2026-11-22T14:00 or 2026-11-22T14:00Z'

/** Unix milliseconds of 1973: a shorter number is an age without its unit, a year, or Unix seconds. */
const LEAST_UNIX_MS_DIGITS = 12

/**
 * Reads an age (`90m`: that long before `now`), a day, a time (ISO 8601, a space will do for the T) or Unix
 * milliseconds.
 * @returns Unix ms
 * @throws RangeError whose message says what would be right
 */
export function parseMoment(text: string, now: number): number {
  if (/^\d+$/.test(text)) {
    if (text.length >= LEAST_UNIX_MS_DIGITS) return Number(text)
    throw new RangeError(`${JSON.stringify(text)} is a number without a unit; write ${WANTED}.`)
  }
  const moment = /^[\d.]+[A-Za-z]+$/.test(text) ? now - parseAge(text) : parseTime(text)
  if (Number.isFinite(moment)) return moment
  throw new RangeError(`${JSON.stringify(text)} is no moment; write ${WANTED}.`)
}

function parseAge(text: string): number {
  try {
    return parseDuration(text)
  } catch {
    return Number.NaN
  }
}

const TIME =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3})\d*)?)?(?:Z|([+-])([01]\d|2[0-3]):?([0-5]\d))?)?$/

function parseTime(text: string): number {
  const found = TIME.exec(text)
  if (!found) return Number.NaN
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map((part) => Number(part ?? 0))
  const fraction = Number((found[7] ?? '').padEnd(3, '0'))
  const parts = [year!, month! - 1, day!, hour!, minute!, second!, fraction] as const
  const asUtc = Date.UTC(...parts)
  // A part that its unit does not have, such as the 30th of February, has moved another one.
  const same = new Date(asUtc).toISOString().slice(0, 19)
  const two = (part: number | undefined): string => String(part).padStart(2, '0')
  if (same !== `${found[1]}-${found[2]}-${found[3]}T${two(hour)}:${two(minute)}:${two(second)}`)
    return Number.NaN
  if (text.endsWith('Z')) return asUtc
  const [, , , , , , , , sign, hours, minutes] = found
  if (sign === undefined) return momentAt(parts)
  return asUtc - Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) * 60_000
}

const WANTED_END = 'a time of the day such as 08:00, or a time such as 2026-11-22T14:00 or 2026-11-22T14:00Z'

/**
 * Reads the moment at which something is to end: a time of the day (the next one after `now`), a day or a time
 * (ISO 8601).
 * @returns Unix ms; a date in the past is returned as it is
 * @throws RangeError whose message says what would be right
 */
export function parseEnd(text: string, now: number): number {
  const [, hour, minute] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text) ?? []
  const moment = hour === undefined ? parseTime(text) : nextTimeOfDay(Number(hour), Number(minute), now)
  if (Number.isFinite(moment)) return moment
  throw new RangeError(`${JSON.stringify(text)} is no moment; write ${WANTED_END}.`)
}

function nextTimeOfDay(hour: number, minute: number, now: number): number {
  const [year, month, day] = dayOf(now)
  const today = momentAt([year, month, day, hour, minute])
  return today > now ? today : momentAt([year, month, day + 1, hour, minute])
}
