// The moments at which the sun rises, sets, and stands highest at a place. The astronomy is suncalc's: right
// to half a minute or so, refraction included, hills and houses ignored.
//
// Beyond the polar circles the sun may not rise or set for weeks. Then there is no sunrise and no sunset, and
// likewise no dawn and no dusk (civil twilight, the sun six degrees below the horizon). Noon is every day.

import { getPosition, getTimes } from 'suncalc'
import { parseDuration } from '../base/quantities.ts'
import type { Duration } from '../base/quantities.ts'
import type { Calendar } from './calendar.ts'
import { DAY_MS } from './zone.ts'

export const SUN_EVENTS = ['dawn', 'sunrise', 'noon', 'sunset', 'dusk'] as const
export type SunEvent = (typeof SUN_EVENTS)[number]

/** Degrees: north and east are positive. */
export interface Coordinates {
  readonly latitude: number
  readonly longitude: number
}

/** An offset before the event (`'-30m'`) or after it (`'30m'`, `'+1h'`). */
export type Offset = Duration | `+${Duration}`

const LONGEST_OFFSET_MS = DAY_MS / 2
/** A search goes no further: no night and no day at the poles is longer than half a year. */
const MOST_DAYS = 400
/** Days whose moment is remembered. */
const MOST_KNOWN = 1_000

/** @throws RangeError whose message says what is wrong */
export function sunCalendar(event: SunEvent, place: Coordinates | undefined, offsetMs = 0): Calendar {
  const { latitude, longitude } = checked(place)
  const days = new Days(checked(place), event === 'dawn' || event === 'dusk' ? TWILIGHT : HORIZON)
  const momentOn = (day: number): number | null => {
    if (event === 'noon') return days.day(day).noonAt
    return event === 'dawn' || event === 'sunrise' ? days.riseOn(day) : days.setOn(day)
  }
  const next = (after: number): number | null => {
    // The sunrise or sunset of a day lies within two days of the same day in UTC.
    const first = Math.floor((after - offsetMs) / DAY_MS) - 2
    for (let day = first; day < first + MOST_DAYS; day++) {
      const moment = momentOn(day)
      if (moment !== null && moment + offsetMs > after) return moment + offsetMs
    }
    return null
  }
  if (next(0) === null) throw new RangeError(`there is no ${event} at latitude ${latitude}`)
  return { next, isInterval: false, identity: `${event} ${offsetMs} ${latitude} ${longitude}` }
}

/** A height of the sun in degrees, and what suncalc calls its crossings. */
interface Height {
  readonly degrees: number
  readonly rise: 'sunrise' | 'dawn'
  readonly set: 'sunset' | 'dusk'
}

/** The degrees that suncalc adds to the height of a sun below the horizon. */
const REFRACTION = 0.484

const HORIZON: Height = { degrees: -0.833, rise: 'sunrise', set: 'sunset' }
const TWILIGHT: Height = { degrees: -6, rise: 'dawn', set: 'dusk' }

interface Day {
  readonly noonAt: number
  /** The middle of the night before. */
  readonly nadirAt: number
  readonly riseAt: number | null
  readonly setAt: number | null
  /** The sun stands above the height at noon. */
  readonly isBright: boolean
}

/**
 * Days of the sun at a place, from one middle of the night to the next, numbered by the day of UTC in which
 * their noon lies. Always: rising and setting alternate, also where a polar day begins, and where the sun
 * only touches the height, so that suncalc finds one crossing without the other, or both the wrong way
 * round.
 */
class Days {
  readonly #place: Coordinates
  readonly #height: Height
  readonly #known = new Map<number, Day>()

  constructor(place: Coordinates, height: Height) {
    this.#place = place
    this.#height = height
  }

  day(day: number): Day {
    const known = this.#known.get(day)
    if (known !== undefined) return known
    if (this.#known.size >= MOST_KNOWN) this.#known.clear()
    const found = this.#look(day)
    this.#known.set(day, found)
    return found
  }

  riseOn(day: number): number | null {
    const { riseAt, nadirAt, isBright } = this.day(day)
    const { setAt } = this.day(day - 1)
    if (setAt === null) return riseAt
    if (riseAt !== null) return setAt < riseAt ? riseAt : null
    // The last night before a polar day ends, too.
    return isBright ? Math.max(setAt + 1_000, nadirAt) : null
  }

  setOn(day: number): number | null {
    const { setAt } = this.day(day)
    const { riseAt } = this.day(day + 1)
    return setAt !== null && riseAt !== null && setAt >= riseAt ? null : setAt
  }

  #look(day: number): Day {
    const { latitude, longitude } = this.#place
    const { degrees, rise, set } = this.#height
    const noon = new Date(day * DAY_MS + DAY_MS / 2 - (longitude / 360) * DAY_MS)
    const times = getTimes(noon, latitude, longitude)
    const [riseAt, setAt] = [toSecond(times[rise]), toSecond(times[set])]
    const hasDay = riseAt !== null && setAt !== null && riseAt < setAt
    return {
      noonAt: toSecond(times.solarNoon)!,
      nadirAt: toSecond(times.nadir)!,
      riseAt: hasDay ? riseAt : null,
      setAt: hasDay ? setAt : null,
      isBright: getPosition(times.solarNoon, latitude, longitude).altitude - REFRACTION > degrees,
    }
  }
}

const toSecond = (date: Date | null): number | null =>
  date === null ? null : Math.round(date.getTime() / 1_000) * 1_000

/** Milliseconds of an offset. Throws a RangeError whose message says what would be right. */
export function parseOffset(text: string): number {
  const [, sign, length = ''] = /^([+-]?)(.*)$/s.exec(text) ?? []
  const lengthMs = parseDuration(length)
  if (lengthMs > LONGEST_OFFSET_MS) throw new RangeError(`${JSON.stringify(text)} is more than 12h.`)
  return sign === '-' ? -lengthMs : lengthMs
}

function checked(place: Coordinates | undefined): Coordinates {
  if (place === undefined)
    throw new RangeError(
      'the sun needs a place: give place: [latitude, longitude], or set place in the configuration',
    )
  const { latitude, longitude } = place
  if (!(Math.abs(latitude) <= 90)) throw new RangeError(`the latitude must lie between -90 and 90`)
  if (!(Math.abs(longitude) <= 180)) throw new RangeError(`the longitude must lie between -180 and 180`)
  return place
}
