// The messages that came in last, by where they came from. A hub that was killed sends again what it had sent
// and not heard of; with the number of its event the message is known again.

/** So many are remembered: more than a hub has under way. */
const MOST = 10_000

export class Recent {
  #newer = new Map<string, number>()
  #older = new Map<string, number>()
  readonly #most: number

  constructor(most = MOST) {
    this.#most = most
  }

  /** What the message was given when it came before; `undefined` when it did not, or long ago. */
  get(key: string): number | undefined {
    return this.#newer.get(key) ?? this.#older.get(key)
  }

  set(key: string, mark: number): void {
    this.#newer.set(key, mark)
    if (this.#newer.size < this.#most) return
    this.#older = this.#newer
    this.#newer = new Map()
  }
}
