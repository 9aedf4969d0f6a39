// Readings of the wall clock in a time zone, and the moments at which that clock changes: the beginning and
// the end of summer time, and whatever else a government decides. The data comes from Intl.
//
// A reading is the time that the wall clock shows, written as the Unix ms of the moment at which a clock in
// UTC shows it. A reading that the clock skips belongs to no moment; one that it shows twice belongs to two.

export interface Change {
  /** The first moment with the new offset. */
  readonly at: number
  /** Reading minus moment before the change, ms. */
  readonly fromMs: number
  /** Reading minus moment from then on, ms. */
  readonly toMs: number
}

export const DAY_MS = 86_400_000
/** Days that are remembered of a zone. */
const MOST_DAYS = 2_000

export class Zone {
  readonly #format: Intl.DateTimeFormat
  /** The offset at the beginning of each day, numbered in UTC; and below, the change within each day. */
  readonly #offsets = new Map<number, number>()
  readonly #changes = new Map<number, Change | null>()

  /**
   * @param name such as `Europe/Paris`; by default the zone of this process. Throws a RangeError when there
   * is none of that name.
   */
  constructor(name?: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  }

  get name(): string {
    return this.#format.resolvedOptions().timeZone
  }

  /** Reading minus moment, ms. */
  offsetAt(at: number): number {
    const change = this.#changeOn(dayOf(at))
    if (change === null) return this.#offsetAtDay(dayOf(at))
    return at < change.at ? change.fromMs : change.toMs
  }

  /** The first change with `after < at <= upTo`. Looks at each day between the two. */
  changeBetween(after: number, upTo: number): Change | null {
    for (let day = dayOf(after); day <= dayOf(upTo); day++) {
      const change = this.#changeOn(day)
      if (change !== null && change.at > after) return change.at <= upTo ? change : null
    }
    return null
  }

  /**
   * The latest reading that the clock had shown before a moment, when it has been put back since to less
   * than that.
   */
  readingPassed(at: number): number | null {
    for (const day of [dayOf(at), dayOf(at) - 1]) {
      const change = this.#changeOn(day)
      if (change === null || change.at > at) continue
      const isAgain = at - change.at < change.fromMs - change.toMs
      return isAgain ? change.at + change.fromMs : null
    }
    return null
  }

  /**
   * Finds the change within a day of UTC by comparing its two ends. No zone has ever made two changes in one
   * day that leave the offset as it was.
   */
  #changeOn(day: number): Change | null {
    const known = this.#changes.get(day)
    if (known !== undefined) return known
    const fromMs = this.#offsetAtDay(day)
    const toMs = this.#offsetAtDay(day + 1)
    const change = fromMs === toMs ? null : { at: this.#firstWith(toMs, day), fromMs, toMs }
    if (this.#changes.size >= MOST_DAYS) this.#changes.clear()
    this.#changes.set(day, change)
    return change
  }

  /** Finds the first second with this offset, by bisection. */
  #firstWith(offset: number, day: number): number {
    let [low, high] = [(day * DAY_MS) / 1_000, ((day + 1) * DAY_MS) / 1_000]
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (this.#readOffset(middle * 1_000) === offset) high = middle
      else low = middle
    }
    return high * 1_000
  }

  #offsetAtDay(day: number): number {
    const known = this.#offsets.get(day)
    if (known !== undefined) return known
    const offset = this.#readOffset(day * DAY_MS)
    if (this.#offsets.size >= MOST_DAYS) this.#offsets.clear()
    this.#offsets.set(day, offset)
    return offset
  }

  /** @param at whole seconds */
  #readOffset(at: number): number {
    const [month = 1, day, year = 1970, hour, minute, second] = this.#format
      .format(at)
      .split(/\D+/)
      .map(Number)
    return Date.UTC(year, month - 1, day, hour, minute, second) - at
  }
}

const zones = new Map<string, Zone>()

/**
 * Returns the zone of this name, by default the zone of this process. All callers share one `Zone`, since it
 * remembers. Throws a RangeError for an unknown name.
 */
export function zoneNamed(name = ''): Zone {
  const known = zones.get(name)
  if (known !== undefined) return known
  const zone = open(name)
  zones.set(name, zone)
  return zone
}

function open(name: string): Zone {
  try {
    return new Zone(name || undefined)
  } catch {
    throw new RangeError(
      `there is no time zone ${JSON.stringify(name)}; expected a name such as 'Europe/Paris'`,
    )
  }
}

const dayOf = (at: number): number => Math.floor(at / DAY_MS)
