// What one client is owed and cannot be sent yet: it is away, its window is full, or its socket is behind. First in, first
// out; bounded by number and by bytes. When it is full the newest is refused, so that what was promised first is kept.

import { bytesOf, type Owed } from './message.ts'

/** Where the spent front of the list is cut off. */
const COMPACT_AT = 1_024

export class Waiting {
  #entries: Owed[] | undefined
  #head = 0
  #bytes = 0

  get size(): number {
    return (this.#entries?.length ?? 0) - this.#head
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Returns whether there was room. */
  push(owed: Owed, mostMessages: number, mostBytes: number): boolean {
    const bytes = bytesOf(owed)
    if (this.size >= mostMessages || this.#bytes + bytes > mostBytes) return false
    this.#entries ??= []
    this.#entries.push(owed)
    this.#bytes += bytes
    return true
  }

  /** Takes those out that are wanted elsewhere; the others stay in their order. */
  take(isWanted: (owed: Owed) => boolean): Owed[] {
    const taken: Owed[] = []
    const left: Owed[] = []
    for (const owed of this.#entries?.slice(this.#head) ?? []) (isWanted(owed) ? taken : left).push(owed)
    this.#entries = left.length === 0 ? undefined : left
    this.#head = 0
    for (const owed of taken) this.#bytes -= bytesOf(owed)
    return taken
  }

  peek(): Owed | undefined {
    return this.#entries?.[this.#head]
  }

  shift(): void {
    const entries = this.#entries
    const owed = entries?.[this.#head]
    if (entries === undefined || owed === undefined) return
    this.#bytes -= bytesOf(owed)
    this.#head++
    if (this.#head === entries.length) {
      this.#entries = undefined
      this.#head = 0
    } else if (this.#head >= COMPACT_AT && this.#head * 2 >= entries.length) {
      entries.splice(0, this.#head)
      this.#head = 0
    }
  }
}
