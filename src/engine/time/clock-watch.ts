// Notices that the wall clock has been set, by NTP or an operator: it is compared to a clock that nobody
// sets. Looked at often, and before anything is done because its moment has come. A clock that NTP slews is
// right: it moves too little between two looks.

import type { Clock } from '../../base/clock.ts'
import type { Earlier } from '../../model/clock-behind.ts'

export interface ClockStep {
  /** What the clock would say now. */
  readonly fromAt: number
  /** What it says. */
  readonly toAt: number
  /** When it was last seen before it was set, by what it said then. */
  readonly seenAt: number
  /**
   * The clock was behind since the start and is right now: what was stored before the start moves by less.
   */
  readonly earlier?: Earlier
}

const LOOK_EVERY_MS = 1_000
/** Less is a slewed clock, or the coarseness of the steady one. */
const SMALLEST_STEP_MS = 100
/**
 * The two clocks cannot be read at once. A look during which the thread lost the processor for longer than
 * this is no look.
 */
const LONGEST_LOOK_MS = 30

export class ClockWatch {
  readonly #clock: Clock
  readonly #stepped: (step: ClockStep) => void
  #seenAt: number
  #seenSteady: number
  #cancel = (): void => {}

  constructor(clock: Clock, stepped: (step: ClockStep) => void) {
    this.#clock = clock
    this.#stepped = stepped
    this.#seenAt = clock.now()
    this.#seenSteady = clock.steady()
  }

  start(): void {
    this.#lookLater()
  }

  async stop(): Promise<void> {
    this.#cancel()
  }

  /** Tells a step before it returns. */
  look(): void {
    const steady = this.#clock.steady()
    const toAt = this.#clock.now()
    if (this.#clock.steady() - steady > LONGEST_LOOK_MS) return
    const seenAt = this.#seenAt
    const fromAt = seenAt + Math.round(steady - this.#seenSteady)
    this.#seenAt = toAt
    this.#seenSteady = steady
    if (Math.abs(toAt - fromAt) >= SMALLEST_STEP_MS) this.#stepped({ fromAt, toAt, seenAt })
  }

  #lookLater(): void {
    this.#cancel = this.#clock.after(LOOK_EVERY_MS, () => {
      this.#lookLater()
      this.look()
    })
  }
}
