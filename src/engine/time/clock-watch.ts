// Notices that the wall clock has been set, by NTP or an operator, by comparing it with a clock that nobody
// sets. It looks often, and before anything is done because its moment has come. A clock that NTP slews
// counts as right: it moves too little between two looks.

import type { Clock } from '../../base/clock.ts'
import type { Earlier } from '../../model/clock-behind.ts'

export interface ClockChange {
  /** The time that the clock would show now, had it not been set. */
  readonly fromAt: number
  /** The time that the clock shows now. */
  readonly toAt: number
  /** The time that the clock showed when it was last read before it was set. */
  readonly seenAt: number
  /**
   * Present when the clock was behind since the start and is right now: moments stored before the start move
   * by less.
   */
  readonly earlier?: Earlier
}

const LOOK_EVERY_MS = 1_000
/** A smaller difference comes from slewing, or from the coarseness of the steady clock. */
const SMALLEST_CHANGE_MS = 100
/**
 * The two clocks cannot be read at the same moment. If the thread lost the processor for longer than this in
 * between, the look does not count.
 */
const LONGEST_LOOK_MS = 30

export class ClockWatch {
  readonly #clock: Clock
  readonly #changed: (change: ClockChange) => void
  #seenAt: number
  #seenSteady: number
  #seenAwake: number
  #cancel = (): void => {}

  constructor(clock: Clock, changed: (change: ClockChange) => void) {
    this.#clock = clock
    this.#changed = changed
    this.#seenAt = clock.now()
    this.#seenSteady = clock.steady()
    this.#seenAwake = clock.awake()
  }

  start(): void {
    this.#lookLater()
  }

  async stop(): Promise<void> {
    this.#cancel()
  }

  /**
   * Looks at the clock, and reports a change before it returns. A change that a sleep of the machine hides
   * exactly is reported within a second.
   */
  look(): void {
    if (!this.#isAsBefore) this.#compare()
  }

  /** Whether the wall clock has kept pace with the cheap clock, which stands still while the machine sleeps. */
  get #isAsBefore(): boolean {
    const passed = this.#clock.awake() - this.#seenAwake
    return Math.abs(this.#clock.now() - this.#seenAt - passed) < SMALLEST_CHANGE_MS / 2
  }

  #compare(): void {
    const awake = this.#clock.awake()
    const steady = this.#clock.steady()
    const toAt = this.#clock.now()
    if (this.#clock.steady() - steady > LONGEST_LOOK_MS) return
    const seenAt = this.#seenAt
    const fromAt = seenAt + Math.round(steady - this.#seenSteady)
    this.#seenAt = toAt
    this.#seenSteady = steady
    this.#seenAwake = awake
    if (Math.abs(toAt - fromAt) >= SMALLEST_CHANGE_MS) this.#changed({ fromAt, toAt, seenAt })
  }

  #lookLater(): void {
    this.#cancel = this.#clock.after(LOOK_EVERY_MS, () => {
      this.#lookLater()
      this.#compare()
    })
  }
}
