// Work that is ready, fair between rules: rules take turns, and within a rule the first come goes first. A
// rule with ten thousand firings delays another by one step, not by ten thousand.

export class FairQueue<T> {
  /** The rules in the order of their turns. No list is empty. */
  readonly #byRule = new Map<string, Fifo<T>>()
  #size = 0

  get size(): number {
    return this.#size
  }

  push(rule: string, item: T): void {
    const queue = this.#byRule.get(rule)
    if (queue) queue.push(item)
    else this.#byRule.set(rule, new Fifo(item))
    this.#size++
  }

  /** Takes the next item whose rule may run one more. */
  take(mayRun: (rule: string) => boolean): T | undefined {
    for (const [rule, queue] of this.#byRule) {
      if (!mayRun(rule)) continue
      const item = queue.shift()
      this.#byRule.delete(rule)
      if (queue.size > 0) this.#byRule.set(rule, queue)
      this.#size--
      return item
    }
    return undefined
  }
}

/** An array whose front is taken without moving the rest. */
class Fifo<T> {
  #items: T[]
  #head = 0

  constructor(first: T) {
    this.#items = [first]
  }

  get size(): number {
    return this.#items.length - this.#head
  }

  push(item: T): void {
    this.#items.push(item)
  }

  shift(): T | undefined {
    const item = this.#items[this.#head++]
    if (this.#head > 1_024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return item
  }
}
