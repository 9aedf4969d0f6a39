// Whether the wall clock says how old things are. One that is wrong at boot, as on a machine whose battery is empty, or that was
// set to another year by mistake, would make all history too old at one stroke: a leap forward is believed only after it
// has stood for an hour. A step back makes nothing old.

import type { Clock } from '../../base/clock.ts'

const HOUR_MS = 3_600_000
/** A shorter one is no leap: what it makes old too early is soon old anyway. */
const LEAP_MS = HOUR_MS
const DOUBTED_FOR_MS = HOUR_MS

export class BelievedClock {
  readonly #clock: Clock
  #seenAt: number
  #seenSteady: number
  /** By the steady clock. */
  #doubtedUntil = -Infinity

  /** @param seenAt when the hub before this one was last alive */
  constructor(clock: Clock, seenAt: number) {
    this.#clock = clock
    this.#seenAt = seenAt
    this.#seenSteady = clock.steady()
  }

  /** `undefined` while it is in doubt. To be asked now and then. */
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
