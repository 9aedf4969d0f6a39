// Random numbers that are the same for the same seed.

export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** Returns a whole number from 0 up, less than `below`. */
  integer(below: number): number {
    // mulberry32
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }

  /** Returns true once in so many times. */
  oneIn(times: number): boolean {
    return this.integer(times) === 0
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.integer(choices.length)]!
  }

  list<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.integer(most + 1) }, make)
  }
}
