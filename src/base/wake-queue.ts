// Moments at which something is to be woken, earliest first: one moment per id, in a binary heap with lazy
// removal.

interface Entry<T> {
  readonly at: number
  readonly value: T
  readonly order: number
}

export class WakeQueue<T> {
  readonly #current = new Map<string, Entry<T>>()
  readonly #idOf: (value: T) => string
  #heap: Entry<T>[] = []
  #order = 0

  /** @param idOf two values of one id are one: the later replaces the earlier */
  constructor(idOf: (value: T) => string) {
    this.#idOf = idOf
  }

  get size(): number {
    return this.#current.size
  }

  has(value: T): boolean {
    return this.#current.has(this.#idOf(value))
  }

  /** Sets the one moment of this value's id; `null` forgets it. */
  set(value: T, at: number | null): void {
    const id = this.#idOf(value)
    if (at === null) {
      this.#current.delete(id)
      return
    }
    const entry = { at, value, order: this.#order++ }
    this.#current.set(id, entry)
    push(this.#heap, entry)
    if (this.#heap.length > 2 * this.#current.size + 64) this.#rebuild()
  }

  /** The earliest moment, or `null`. */
  get nextAt(): number | null {
    return this.#first()?.at ?? null
  }

  /** Takes out the earliest value that is due at the moment. */
  takeDue(now: number): { readonly at: number; readonly value: T } | undefined {
    const first = this.#first()
    if (first === undefined || first.at > now) return undefined
    pop(this.#heap)
    this.#current.delete(this.#idOf(first.value))
    return first
  }

  #first(): Entry<T> | undefined {
    for (;;) {
      const first = this.#heap[0]
      if (first === undefined || this.#current.get(this.#idOf(first.value)) === first) return first
      pop(this.#heap)
    }
  }

  #rebuild(): void {
    this.#heap = [...this.#current.values()].toSorted((a, b) => (isBefore(a, b) ? -1 : 1))
  }
}

const isBefore = <T>(a: Entry<T>, b: Entry<T>): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)

function push<T>(heap: Entry<T>[], entry: Entry<T>): void {
  let index = heap.push(entry) - 1
  while (index > 0) {
    const parent = (index - 1) >> 1
    if (!isBefore(entry, heap[parent]!)) break
    heap[index] = heap[parent]!
    index = parent
  }
  heap[index] = entry
}

function pop<T>(heap: Entry<T>[]): void {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  let index = 0
  for (;;) {
    let child = 2 * index + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++
    if (!isBefore(heap[child]!, last)) break
    heap[index] = heap[child]!
    index = child
  }
  heap[index] = last
}
