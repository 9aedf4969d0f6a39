// The clock by which messages expire: the wall clock as it was when the hub started, carried on by a clock
// that nobody sets. So no message expires early or late because the wall clock is set.

import type { Clock } from '../../base/clock.ts'
import type { Event } from '../../model/event.ts'

/** As long as the wall clock goes on by less between two readings, it counts as not set. */
const LEAP_MS = 1_000

interface ClockSet {
  /** The last event that was stamped before the clock was set. */
  readonly afterEvent: number
  /** By how much the clock was set in all, since the start. */
  readonly byMs: number
}

export class ExpiryClock implements Pick<Clock, 'now'> {
  readonly #clock: Pick<Clock, 'now' | 'steady'>
  readonly #lastEventId: () => number
  readonly #sets: ClockSet[] = []
  #seenAt: number
  /** How far the wall clock is ahead of the steady clock, ms. */
  #aheadMs: number
  #setByMs = 0

  /** @param lastEventId the id of the newest event */
  constructor(clock: Pick<Clock, 'now' | 'steady'>, lastEventId: () => number) {
    this.#clock = clock
    this.#lastEventId = lastEventId
    this.#seenAt = clock.now()
    this.#aheadMs = this.#seenAt - clock.steady()
  }

  /** Unix ms. Must be read before each event is appended, to know which event was the last before a change. */
  now(): number {
    const now = this.#clock.now()
    // The steady clock costs a system call or two, so it is read only if the wall clock may have been set.
    if (now < this.#seenAt || now - this.#seenAt > LEAP_MS) this.#compare(now)
    this.#seenAt = now
    return now - this.#setByMs
  }

  /** When an event came, by this clock. */
  momentOf({ id, at }: Pick<Event, 'id' | 'at'>): number {
    return at - (this.#sets.findLast(({ afterEvent }) => id > afterEvent)?.byMs ?? 0)
  }

  #compare(now: number): void {
    const aheadMs = now - this.#clock.steady()
    const byMs = Math.round(aheadMs - this.#aheadMs)
    if (Math.abs(byMs) < LEAP_MS) return
    this.#aheadMs = aheadMs
    this.#setByMs += byMs
    this.#sets.push({ afterEvent: this.#lastEventId(), byMs: this.#setByMs })
  }
}
