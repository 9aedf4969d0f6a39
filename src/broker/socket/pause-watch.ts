// Notices that the hub was held up (stopped, suspended, swapped out), before anything that came meanwhile is
// taken. It looks twice a second, and whenever an event is about to be appended to the journal.

import type { Clock } from '../../base/clock.ts'
import type { Pause } from '../../model/pause.ts'
import { HELD_UP_MS } from './grace.ts'

const LOOK_EVERY_MS = 500
/** The longest time between two looks of a hub that is not held up. */
const LONGEST_MS = LOOK_EVERY_MS + HELD_UP_MS
/** The steady clock is read less often and is coarser than the wall clock: so far the two may differ. */
const COARSE_MS = 100

export class PauseWatch {
  readonly #clock: Clock
  readonly #paused: (pause: Pause) => void
  #seenAt = 0
  /** When the steady clock was last read: by the wall clock, and by itself. It is too slow for each look. */
  #readAt = 0
  #readSteady = 0
  #isStarted = false
  #cancel = (): void => {}

  /** @param paused called once for each pause, before the look that finds it returns */
  constructor(clock: Clock, paused: (pause: Pause) => void) {
    this.#clock = clock
    this.#paused = paused
  }

  start(): void {
    this.#isStarted = true
    this.#seenAt = this.#readAt = this.#clock.now()
    this.#readSteady = this.#clock.steady()
    this.#lookLater()
  }

  stop(): void {
    this.#isStarted = false
    this.#cancel()
  }

  /** @param now the time of the wall clock, just read */
  look(now: number): void {
    if (!this.#isStarted) return
    const sinceMs = now - this.#seenAt
    if (sinceMs >= 0 && sinceMs < LONGEST_MS) this.#seenAt = now
    else this.#compare(now)
  }

  /** Compares with the steady clock: the wall clock may have been set. */
  #compare(now: number): void {
    const steady = this.#clock.steady()
    const sinceMs = now - this.#seenAt
    const steadyMs = steady - this.#readSteady - (this.#seenAt - this.#readAt)
    this.#seenAt = this.#readAt = now
    this.#readSteady = steady
    if (steadyMs < LONGEST_MS) return
    const lengthMs = Math.abs(sinceMs - steadyMs) < COARSE_MS ? sinceMs : Math.round(steadyMs)
    this.#paused({ fromAt: now - lengthMs, toAt: now })
  }

  #lookLater(): void {
    this.#cancel = this.#clock.after(LOOK_EVERY_MS, () => {
      this.#lookLater()
      this.#compare(this.#clock.now())
    })
  }
}
