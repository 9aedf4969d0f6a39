// An alarm for one moment of the wall clock. It reads the clock again every RECHECK_MS, so if the clock is
// set (by NTP, by an operator, after a sleep), the alarm is late or early by no more than that.

import type { Clock } from '../../base/clock.ts'

const RECHECK_MS = 1_000

export class Alarm {
  readonly #clock: Clock
  readonly #ring: () => void
  readonly #recheckMs: number
  #at: number | null = null
  #cancel: (() => void) | undefined

  /** @param recheckMs Infinity for a clock that nobody sets */
  constructor(clock: Clock, ring: () => void, recheckMs = RECHECK_MS) {
    this.#clock = clock
    this.#ring = ring
    this.#recheckMs = recheckMs
  }

  /**
   * Rings once at this moment, or at once if it has passed; replaces the moment that was set. `null` switches
   * the alarm off.
   */
  set(at: number | null): void {
    if (at === this.#at) return
    this.#at = at
    this.#arm()
  }

  #arm(): void {
    this.#cancel?.()
    this.#cancel = undefined
    if (this.#at === null) return
    const leftMs = Math.max(0, this.#at - this.#clock.now())
    this.#cancel = this.#clock.after(Math.min(leftMs, this.#recheckMs), () => this.#check())
  }

  #check(): void {
    if (this.#at !== null && this.#clock.now() < this.#at) {
      this.#arm()
      return
    }
    this.#at = null
    this.#cancel = undefined
    this.#ring()
  }
}
