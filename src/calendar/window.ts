// A window of the day, from one moment to another: by the wall clock, by the sun, or from one to the other.
// It may go over midnight, and may hold on some weekdays only: those on which it begins. The window is open
// from its first moment on, and shut at its last.

import { parse, validateDetailed } from 'node-cron'
import type { Duration } from '../base/quantities.ts'
import { lastTick } from './calendar.ts'
import type { Calendar } from './calendar.ts'
import { cronCalendar } from './cron.ts'
import { parseOffset, SUN_EVENTS, sunCalendar } from './sun.ts'
import type { Coordinates, SunEvent } from './sun.ts'
import { DAY_MS, zoneNamed } from './zone.ts'

/** The beginning or end of a window: `'22:00'`, `'sunset'`, `'sunrise+1h'`, `'dusk-30m'`. */
export type Edge = `${number}:${number}` | SunEvent | `${SunEvent}-${Duration}` | `${SunEvent}+${Duration}`

export interface WindowSpec {
  readonly from: string
  readonly to: string
  /** Weekdays as in the last field of a cron expression: `mon-fri`, `sat,sun`. */
  readonly days?: string | undefined
  /** The time zone; by default that of this process. */
  readonly timezone?: string | undefined
  /** Needed for edges of the sun. */
  readonly place?: Coordinates | undefined
}

export interface Window {
  readonly isOpen: (at: number) => boolean
  /** When it is shut next, from an open moment on; Infinity for never. */
  readonly shutsAfter: (at: number) => number
  /** The moment after `after` at which the window next opens; `null` for never. */
  readonly opensAfter: (after: number) => number | null
  /** Says why a moment is outside: `21:14 is not between 22:00 and 07:00`. */
  readonly describe: (at: number) => string
}

/**
 * The longest that a window can have been open, or shut: beyond the polar circles, from one sunset to
 * another.
 */
const LOOK_BACK_MS = 400 * DAY_MS
/** Weekdays come again after this many days, and the days of a polar night do not count. */
const MOST_OPENINGS = 8

/** @throws RangeError whose message says what is wrong */
export function openWindow({ from, to, days, timezone, place }: WindowSpec): Window {
  const zone = zoneNamed(timezone)
  const begins = edgeCalendar('from', from, timezone, place)
  const ends = edgeCalendar('to', to, timezone, place)
  if (from === to) throw new RangeError(`it begins and ends at ${from}, so it is never open`)
  const weekdays = days === undefined ? undefined : weekdaysOf(days)
  const isItsDay = (at: number): boolean =>
    weekdays === undefined || weekdays.has(new Date(at + zone.offsetAt(at)).getUTCDay())

  /**
   * The last answer, with the range of moments for which it holds. Messages come in the order of time, so it
   * mostly is the next answer, too.
   */
  let known = { fromAt: 0, untilAt: 0, isOpen: false }
  const look = (at: number): typeof known => {
    const beganAt = lastTick(begins, at - LOOK_BACK_MS, at)
    const endsAt = beganAt === null ? null : ends.next(beganAt)
    const isOpen = beganAt !== null && isItsDay(beganAt) && (endsAt === null || at < endsAt)
    const beginsAt = begins.next(at) ?? Infinity
    return { fromAt: at, untilAt: isOpen ? Math.min(beginsAt, endsAt ?? Infinity) : beginsAt, isOpen }
  }

  const isOpen = (at: number): boolean => {
    if (at < known.fromAt || at >= known.untilAt) known = look(at)
    return known.isOpen
  }

  return {
    isOpen,
    shutsAfter(at) {
      let untilAt = at
      for (let opening = 0; opening < MOST_OPENINGS && untilAt < Infinity && isOpen(untilAt); opening++)
        untilAt = known.untilAt
      return untilAt
    },
    opensAfter(after) {
      let at = begins.next(after)
      for (let opening = 0; at !== null && opening < MOST_OPENINGS; opening++) {
        if (isItsDay(at)) return at
        at = begins.next(at)
      }
      return null
    },
    describe(at) {
      const shown = new Date(at + zone.offsetAt(at)).toISOString()
      const weekday = weekdays === undefined ? '' : `${WEEKDAYS[new Date(shown).getUTCDay()]} `
      const on = days === undefined ? '' : `, ${days}`
      return `${weekday}${shown.slice(11, 16)} is not between ${from} and ${to}${on}`
    },
  }
}

const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const

function edgeCalendar(
  name: 'from' | 'to',
  edge: string,
  timezone: string | undefined,
  place: Coordinates | undefined,
): Calendar {
  const [, hour, minute] = /^(\d{1,2}):(\d\d)$/.exec(edge) ?? []
  // The end of a day is the beginning of the next.
  if (hour !== undefined && Number(minute) < 60 && (Number(hour) < 24 || edge === '24:00'))
    return cronCalendar(`${Number(minute)} ${Number(hour) % 24} * * *`, timezone)
  const [, event, offset] = /^([a-z]+)([+-].*)?$/.exec(edge) ?? []
  const known = SUN_EVENTS.find((each) => each === event)
  if (known === undefined)
    throw new RangeError(
      `${name}: expected a time such as '22:00' or one of the sun such as 'sunset' or 'sunrise+30m', ` +
        `got ${JSON.stringify(edge)}`,
    )
  return sunCalendar(known, place, offset === undefined ? 0 : parseOffset(offset))
}

function weekdaysOf(days: string): ReadonlySet<number | string> {
  const expression = `0 0 * * ${days}`
  if (!/^[a-z0-9,-]+$/i.test(days) || !validateDetailed(expression).valid)
    throw new RangeError(
      `days: expected weekdays such as 'mon-fri' or 'sat,sun', got ${JSON.stringify(days)}`,
    )
  return new Set(parse(expression).dayOfWeek)
}
