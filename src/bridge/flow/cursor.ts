// How far a bridge has come in the journal: up to where the far side has acknowledged everything. Messages
// are acknowledged in any order; the cursor waits for the oldest.

export class Cursor {
  /** Events that are not acknowledged, or that wait for older ones; ascending. */
  #open: number[] = []
  readonly #done = new Set<number>()
  #lookedUpTo: number

  constructor(acknowledgedUpTo: number) {
    this.#lookedUpTo = acknowledgedUpTo
  }

  get acknowledgedUpTo(): number {
    return Math.min(this.#lookedUpTo, (this.#open[0] ?? Infinity) - 1)
  }

  /** The newest event that was looked at. */
  get lookedUpTo(): number {
    return this.#lookedUpTo
  }

  /** Takes the events of a page that are to be sent, ascending, and where the page ends. */
  take(events: readonly number[], upTo: number): void {
    const isInOrder = (events[0] ?? Infinity) > (this.#open.at(-1) ?? 0)
    this.#open.push(...events)
    // What an earlier hub has sent may lie ahead.
    if (!isInOrder) this.#open.sort((a, b) => a - b)
    this.#lookedUpTo = Math.max(this.#lookedUpTo, upTo)
  }

  acknowledged(event: number): void {
    this.#done.add(event)
    let count = 0
    while (count < this.#open.length && this.#done.delete(this.#open[count]!)) count++
    if (count > 0) this.#open = this.#open.slice(count)
  }
}
