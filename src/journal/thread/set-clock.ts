// Notices that the wall clock was set, and has that noted, so that stored moments of before can be understood.

import type { Clock } from '../../base/clock.ts'

/** A smaller difference means a clock that is slewed, or that was read late. */
const SMALLEST_CLOCK_CHANGE_MS = 1_000
/** After a longer time the steady clock is read to see whether the wall clock was set: that costs some μs. */
const LEAP_MS = 2_000

export class SetClock {
  readonly #clock: Clock
  readonly #note: (byMs: number) => void
  /** How far the wall clock is ahead of the steady clock, ms. */
  #aheadMs: number
  /** The wall clock at the last commit or heartbeat. */
  #seenAt: number

  /** @param note writes by how much the wall clock was set; what throws is noted at the next look */
  constructor(clock: Clock, note: (byMs: number) => void) {
    this.#clock = clock
    this.#note = note
    this.#aheadMs = clock.now() - clock.steady()
    this.#seenAt = clock.now()
  }

  /**
   * Called before events are written: looks at the clocks if the wall clock has leapt. The change has to be
   * noted before the first event by the new time. If the hub is killed before the next heartbeat, the event
   * would tell the next hub of a clock that is as far behind as before.
   */
  glance(): void {
    const now = this.#clock.now()
    if (now < this.#seenAt || now - this.#seenAt > LEAP_MS) this.look()
    else this.#seenAt = now
  }

  /** Compares the clocks, and notes by how much the wall clock was set since the last call. */
  look(): void {
    const now = this.#clock.now()
    const aheadMs = now - this.#clock.steady()
    const byMs = Math.round(aheadMs - this.#aheadMs)
    if (Math.abs(byMs) >= SMALLEST_CLOCK_CHANGE_MS) {
      this.#note(byMs)
      this.#aheadMs = aheadMs
    }
    this.#seenAt = now
  }
}
