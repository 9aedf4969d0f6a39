// Decides whether the wall clock can be trusted to say how old events are. A clock that is wrong at boot (an
// empty battery) or set to a wrong year would make all history too old at once. So after a leap forward the
// clock is believed only when it has stood for an hour. A clock that is set back makes nothing too old.

import type { Clock } from '../../base/clock.ts'

const HOUR_MS = 3_600_000
/**
 * The shortest change that counts as a leap: what a shorter one makes too old would soon be too old anyway.
 */
const LEAP_MS = HOUR_MS
const DOUBTED_FOR_MS = HOUR_MS

export class BelievedClock {
  readonly #clock: Clock
  #seenAt: number
  #seenSteady: number
  /** When the doubt ends, by the steady clock. */
  #doubtedUntil = -Infinity

  /** @param seenAt when the hub before this one was last alive */
  constructor(clock: Clock, seenAt: number) {
    this.#clock = clock
    this.#seenAt = seenAt
    this.#seenSteady = clock.steady()
  }

  /**
   * The time, Unix ms; `undefined` while the clock is in doubt. A leap is noticed only here, so call it
   * regularly.
   */
  now(): number | undefined {
    const now = this.#clock.now()
    const steady = this.#clock.steady()
    if (now - this.#seenAt - (steady - this.#seenSteady) >= LEAP_MS)
      this.#doubtedUntil = steady + DOUBTED_FOR_MS
    this.#seenAt = now
    this.#seenSteady = steady
    return steady >= this.#doubtedUntil ? now : undefined
  }
}
