// Runs costly jobs a few at a time, in the order in which they came, and lets no more than a bounded number
// wait.

export class Jobs {
  readonly #atOnce: number
  readonly #mostWaiting: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(atOnce: number, mostWaiting: number) {
    this.#atOnce = atOnce
    this.#mostWaiting = mostWaiting
  }

  /** Null when too many wait already. */
  run<T>(job: () => Promise<T>): Promise<T> | null {
    if (this.#running < this.#atOnce) return this.#start(job)
    if (this.#waiting.length >= this.#mostWaiting) return null
    return new Promise((resolve) => this.#waiting.push(() => resolve(this.#start(job))))
  }

  async #start<T>(job: () => Promise<T>): Promise<T> {
    this.#running++
    try {
      return await job()
    } finally {
      this.#running--
      this.#waiting.shift()?.()
    }
  }
}
