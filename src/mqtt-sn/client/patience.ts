// For how long a client may be silent: what it has said, and a tolerance (7.2). Links of sensors lose
// messages, and their clocks are cheap.

import type { Clock } from '../../base/clock.ts'

const MINUTE_MS = 60_000
/** A client that names no length would hold its place for ever. */
const UNNAMED_MS = 24 * 60 * MINUTE_MS

/** The silence that is taken for a loss, in ms, of a client that says so many seconds. */
export function toleranceOf(seconds: number): number {
  if (seconds === 0) return UNNAMED_MS
  const lengthMs = seconds * 1_000
  return lengthMs > MINUTE_MS ? lengthMs * 1.1 : lengthMs * 1.5
}

/** Calls back once nothing was heard for long enough. One timer, however much is heard. */
export class Patience {
  readonly #clock: Clock
  readonly #onSilence: () => void
  #patienceMs = 0
  #heardAt = 0
  #cancel: (() => void) | undefined

  constructor(clock: Clock, onSilence: () => void) {
    this.#clock = clock
    this.#onSilence = onSilence
  }

  /** @param seconds what the client has said; 0 for nothing */
  begin(seconds: number): void {
    this.stop()
    this.#patienceMs = toleranceOf(seconds)
    this.heard()
    this.#arm(this.#patienceMs)
  }

  heard(): void {
    this.#heardAt = this.#clock.steady()
  }

  stop(): void {
    this.#cancel?.()
  }

  #arm(delayMs: number): void {
    this.#cancel = this.#clock.after(delayMs, () => this.#look(false))
  }

  /** @param isSure whether what came while the hub was held up has been read */
  #look(isSure: boolean): void {
    const leftMs = this.#heardAt + this.#patienceMs - this.#clock.steady()
    if (leftMs > 0) this.#arm(leftMs)
    else if (isSure) this.#onSilence()
    // What the client has sent may lie in the socket: it is read before this is called.
    else this.#cancel = this.#clock.after(0, () => this.#look(true))
  }
}
