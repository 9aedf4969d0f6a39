// Slows down whoever fails: after a few failures each further attempt has to wait for its turn, longer each
// time. Memory is bounded: the key that was heard of longest ago is forgotten first.

import type { Clock } from '../base/clock.ts'

const FIRST_GAP_MS = 250
/** Shorter than a client waits for an answer: the right password gets in, late. */
const LONGEST_GAP_MS = 5_000
const FORGIVEN_AFTER_MS = 10 * 60_000

interface Entry {
  failures: number
  underway: number
  turnAt: number
  failedAt: number
}

export interface SlowdownOptions {
  readonly clock: Clock
  /** The number of failures that cost no pause. */
  readonly free: number
  readonly maxKeys: number
  /**
   * Attempts that have not ended yet count as if they had failed, so that many guesses at once gain nothing.
   */
  readonly countsUnderway: boolean
}

export class Slowdown {
  readonly #clock: Clock
  readonly #free: number
  readonly #maxKeys: number
  readonly #countsUnderway: boolean
  /** The one heard of longest ago first. */
  readonly #entries = new Map<string, Entry>()

  constructor({ clock, free, maxKeys, countsUnderway }: SlowdownOptions) {
    this.#clock = clock
    this.#free = free
    this.#maxKeys = maxKeys
    this.#countsUnderway = countsUnderway
  }

  get size(): number {
    return this.#entries.size
  }

  /** Whether no failure is counted against the key. */
  isClear(key: string): boolean {
    const entry = this.#entries.get(key)
    return entry === undefined || entry.failures + entry.underway === 0
  }

  /**
   * Takes the next turn: how long to wait for it, or null when too many wait already. Each turn ends with
   * `failed` or `passed`.
   */
  take(key: string): number | null {
    const entry = this.#touch(key)
    const now = this.#clock.steady()
    if (now - entry.failedAt > FORGIVEN_AFTER_MS) entry.failures = 0
    const excess = entry.failures + (this.#countsUnderway ? entry.underway : 0) - this.#free
    const gapMs = excess < 0 ? 0 : Math.min(LONGEST_GAP_MS, FIRST_GAP_MS * 2 ** excess)
    const turnAt = Math.max(now, entry.turnAt + gapMs)
    if (turnAt - now > LONGEST_GAP_MS) return null
    entry.turnAt = turnAt
    entry.underway++
    return turnAt - now
  }

  failed(key: string): void {
    const entry = this.#touch(key)
    entry.underway = Math.max(0, entry.underway - 1)
    entry.failures++
    entry.failedAt = this.#clock.steady()
  }

  /** @param forgive earlier failures are forgotten */
  passed(key: string, forgive: boolean): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    entry.underway = Math.max(0, entry.underway - 1)
    if (forgive) entry.failures = 0
    if (entry.failures + entry.underway === 0) this.#entries.delete(key)
  }

  #touch(key: string): Entry {
    const entry = this.#entries.get(key) ?? { failures: 0, underway: 0, turnAt: -Infinity, failedAt: 0 }
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    if (this.#entries.size > this.#maxKeys) this.#entries.delete(this.#entries.keys().next().value!)
    return entry
  }
}
