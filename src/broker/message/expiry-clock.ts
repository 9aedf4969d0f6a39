// The clock by which messages expire: the wall clock as it was when the hub started, carried on by a clock
// that nobody sets. So no message expires early or late because the wall clock is set.

import type { Clock } from '../../base/clock.ts'
import type { ClockSet } from '../../model/clock-behind.ts'
import type { Event } from '../../model/event.ts'

/** The wall clock counts as set when it has gone on by so much more or less than a clock that nobody sets. */
const LEAP_MS = 1_000

export class ExpiryClock implements Pick<Clock, 'now'> {
  readonly #clock: Pick<Clock, 'now' | 'steady' | 'awake'>
  readonly #lastEventId: () => number
  readonly #earlier: readonly ClockSet[]
  /** Since the start. */
  readonly #sets: ClockSet[] = []
  /** How far the wall clock was ahead of the clock that stands still while the machine sleeps, ms. */
  #aheadOfAwakeMs: number
  /** How far the wall clock is ahead of the steady clock, ms. */
  #aheadMs: number
  #setByMs = 0

  /**
   * @param lastEventId the id of the newest event
   * @param earlier how the clock was set before the start
   */
  constructor(
    clock: Pick<Clock, 'now' | 'steady' | 'awake'>,
    lastEventId: () => number,
    earlier: readonly ClockSet[] = [],
  ) {
    this.#earlier = earlier
    this.#clock = clock
    this.#lastEventId = lastEventId
    const now = clock.now()
    this.#aheadOfAwakeMs = now - clock.awake()
    this.#aheadMs = now - clock.steady()
  }

  /**
   * Unix ms. Must be read before an event that may expire is appended, to know which event was the last
   * before a change.
   */
  now(): number {
    const now = this.#clock.now()
    const aheadMs = now - this.#clock.awake()
    // The steady clock costs ten microseconds, so it is read only if the wall clock was set, or the machine slept.
    if (Math.abs(aheadMs - this.#aheadOfAwakeMs) >= LEAP_MS) {
      this.#aheadOfAwakeMs = aheadMs
      this.#compare(now)
    }
    return now - this.#setByMs
  }

  /** When an event that may expire came, by this clock. */
  momentOf({ id, at }: Pick<Event, 'id' | 'at'>): number {
    let moment = at
    for (const { afterEvent, byMs } of this.#earlier) if (id <= afterEvent) moment += byMs
    for (const { afterEvent, byMs } of this.#sets) if (id > afterEvent) moment -= byMs
    return moment
  }

  /** The event with the time at which it came by this clock. */
  reckoned(event: Event): Event {
    return { ...event, at: this.momentOf(event) }
  }

  #compare(now: number): void {
    const aheadMs = now - this.#clock.steady()
    const byMs = Math.round(aheadMs - this.#aheadMs)
    if (Math.abs(byMs) < LEAP_MS) return
    this.#aheadMs = aheadMs
    this.#setByMs += byMs
    this.#sets.push({ afterEvent: this.#lastEventId(), byMs })
  }
}
