// Time, injected: nothing else in the hub reads the wall clock or sets a timer of its own accord, so that
// tests and backtests run in virtual time.

import { uptime } from 'node:os'
// Imports the timers instead of using the globals, because a rule may replace the globals in its own process.
import { clearTimeout, setTimeout } from 'node:timers'

/** Reads the time and calls back later. Moments are Unix milliseconds, lengths are milliseconds. */
export interface Clock {
  now(): number
  /**
   * Milliseconds since some moment, by a clock that nobody sets. Where the system has one, it goes on while
   * the machine sleeps.
   */
  steady(): number
  /**
   * Milliseconds since some moment, by a clock that nobody sets. It may stand still while the machine sleeps,
   * and costs a hundredth of what `steady` does.
   */
  awake(): number
  /**
   * Calls back once after a delay; the returned function cancels it. A timer does not keep the process alive.
   */
  after(delayMs: number, callback: () => void): () => void
}

/** setTimeout overflows to "at once" beyond this; longer waits are taken in pieces. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  // Elsewhere the uptime is reckoned by the wall clock.
  steady: process.platform === 'linux' ? () => uptime() * 1_000 : () => performance.now(),
  awake: () => performance.now(),
  after(delayMs, callback) {
    let timer: NodeJS.Timeout
    const arm = (leftMs: number): void => {
      const pieceMs = Math.min(leftMs, LONGEST_TIMEOUT_MS)
      timer = setTimeout(() => (leftMs > pieceMs ? arm(leftMs - pieceMs) : callback()), pieceMs)
      timer.unref()
    }
    arm(Math.max(0, delayMs))
    return () => clearTimeout(timer)
  },
}

interface Waiting {
  at: number
  readonly callback: () => void
}

/** A clock that stands still until it is told to go on: for tests, `simulate` and backtests. */
export class ManualClock implements Clock {
  #now: number
  #setBy = 0
  readonly #waiting = new Set<Waiting>()

  constructor(now = 0) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  steady(): number {
    return this.#now - this.#setBy
  }

  awake(): number {
    return this.steady()
  }

  after(delayMs: number, callback: () => void): () => void {
    const waiting = { at: this.#now + Math.max(0, delayMs), callback }
    this.#waiting.add(waiting)
    return () => this.#waiting.delete(waiting)
  }

  /** Goes on by a length, calling back whatever falls due on the way, in order of time. */
  advance(lengthMs: number): void {
    const target = this.#now + lengthMs
    for (let next = this.#nextUpTo(target); next; next = this.#nextUpTo(target)) {
      this.#waiting.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.callback()
    }
    this.#now = target
  }

  /**
   * Time goes by and nobody is called, as in a process that is stopped. Whatever fell due meanwhile is called
   * by `advance`.
   */
  stall(lengthMs: number): void {
    this.#now += lengthMs
  }

  /** The machine sleeps: both clocks go on, and timers stand still. */
  suspend(lengthMs: number): void {
    for (const waiting of this.#waiting) waiting.at += lengthMs
    this.#now += lengthMs
  }

  /** The moment at which the next call falls due; `null` when nobody waits. */
  get nextAt(): number | null {
    return this.#nextUpTo(Infinity)?.at ?? null
  }

  /** Forgets who waits. */
  clear(): void {
    this.#waiting.clear()
  }

  /** Sets the wall clock, as an operator or NTP does: waits keep their length. */
  set(now: number): void {
    for (const waiting of this.#waiting) waiting.at += now - this.#now
    this.#setBy += now - this.#now
    this.#now = now
  }

  #nextUpTo(target: number): Waiting | undefined {
    let next: Waiting | undefined
    for (const waiting of this.#waiting) {
      if (waiting.at <= target && (!next || waiting.at < next.at)) next = waiting
    }
    return next
  }
}
