// How long a bridge waits before it connects again. The pauses grow by chance (decorrelated jitter), so that
// bridges which lost the same broker do not all come back at the same moment. A connection that has lasted
// for the longest pause begins anew.

export interface BackoffSettings {
  readonly first: number
  readonly longest: number
}

export class Backoff {
  readonly #settings: BackoffSettings
  readonly #random: () => number
  #pauseMs: number

  constructor(settings: BackoffSettings, random: () => number = Math.random) {
    this.#settings = settings
    this.#random = random
    this.#pauseMs = settings.first
  }

  /** @param lastedMs how long the connection before has lasted; 0 when there was none */
  next(lastedMs: number): number {
    const { first, longest } = this.#settings
    if (lastedMs >= longest) this.#pauseMs = first
    const pauseMs = this.#pauseMs
    const most = Math.max(first, 3 * pauseMs)
    this.#pauseMs = Math.min(longest, first + this.#random() * (most - first))
    return pauseMs
  }
}
