// The one answer to "when does this schedule tick next?", whatever kind of schedule it is. Everything else
// that is asked of a calendar (what was missed, the last tick before a moment) follows from `next`. Pure:
// no clock is read and no timer is set here.

export interface Calendar {
  /**
   * The first tick later than `after`, Unix ms; `null` when there is none.
   * Ascends: `next(a) <= next(b)` for `a <= b`.
   */
  readonly next: (after: number) => number | null
  /**
   * `true` when the schedule goes on around the clock (`*` or a step in the minutes or hours) instead of
   * naming times of the day. Then it ticks in both passes of an hour that comes twice, and follows at once a
   * clock that was set back.
   */
  readonly isInterval: boolean
  /** Two calendars with the same identity tick at the same moments. */
  readonly identity: string
}

/** Ticks that are counted one by one; of more, this many are told. Each takes a few microseconds. */
export const MOST_COUNTED = 50_000

/** The number of ticks with `after < at <= upTo`; at most MOST_COUNTED. */
export function countTicks({ next }: Pick<Calendar, 'next'>, after: number, upTo: number): number {
  let count = 0
  for (let at = next(after); at !== null && at <= upTo && count < MOST_COUNTED; at = next(at)) count++
  return count
}

/**
 * The last tick with `after < at <= upTo`, or `null`. Asks `next` some forty times, however far apart the
 * two are.
 */
export function lastTick({ next }: Pick<Calendar, 'next'>, after: number, upTo: number): number | null {
  const first = next(after)
  if (first === null || first > upTo) return null
  // The last tick lies in [low, high], and low is a tick.
  let [low, high] = [first, upTo]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const tick = next(middle)
    if (tick !== null && tick <= upTo) low = tick
    else high = middle
  }
  return low
}
