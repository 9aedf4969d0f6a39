// What one client is owed and cannot be sent yet: the client is away, its window is full, or its socket is
// behind. First in, first out; bounded by number and by bytes. A full queue refuses the newest, so that what
// was promised first stays.
//
// What waited already when the hub started comes before the rest. It is known by the ids of its events, and
// is fetched a page at a time (`pages.ts`).

import { bytesOf, type Owed } from './owed.ts'

/** Where the spent front of the list is cut off. */
const COMPACT_AT = 1_024
const NONE = new Float64Array()

export class Waiting {
  /** What was fetched from the journal: at most a page. */
  #fetched: Owed[] = []
  #stored: Float64Array = NONE
  #storedHead = 0
  #entries: Owed[] | undefined
  #head = 0
  #bytes = 0
  /** A page of what waited when the hub started is on its way. */
  isFetching = false

  get size(): number {
    return (
      this.#fetched.length +
      this.#stored.length -
      this.#storedHead +
      (this.#entries?.length ?? 0) -
      this.#head
    )
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Adds a message. Returns whether there was room. */
  push(owed: Owed, mostMessages: number, mostBytes: number): boolean {
    const bytes = bytesOf(owed)
    if (this.size >= mostMessages || this.#bytes + bytes > mostBytes) return false
    this.#entries ??= []
    this.#entries.push(owed)
    this.#bytes += bytes
    return true
  }

  /** Takes what waited when the hub started, oldest first. */
  restore(events: Float64Array): void {
    this.#stored = events
    this.#storedHead = 0
  }

  /**
   * The events that have to be fetched before there is a next entry; empty when there is one, or nothing
   * waits.
   */
  nextStored(most: number): number[] {
    if (this.#fetched.length > 0) return []
    return Array.from(this.#stored.subarray(this.#storedHead, this.#storedHead + most))
  }

  /** Replaces that many of the stored events by the messages that are to be sent for them. */
  fetched(events: number, owed: readonly Owed[]): void {
    this.#storedHead += events
    if (this.#storedHead >= this.#stored.length) this.restore(NONE)
    this.#fetched.push(...owed)
    for (const one of owed) this.#bytes += bytesOf(one)
  }

  /** Whether something earlier than this event waited already when the hub started. */
  holdsStoredBefore(event: number): boolean {
    const first = this.#fetched[0]?.event ?? this.#stored[this.#storedHead]
    return first !== undefined && first < event
  }

  /** The oldest event that waits; 0 for none. */
  oldestEvent(): number {
    const first = this.#fetched[0]?.event ?? this.#stored[this.#storedHead]
    if (first !== undefined) return first
    const entries = this.#entries ?? []
    for (let at = this.#head; at < entries.length; at++) {
      const { event } = entries[at]!
      if (event > 0) return event
    }
    return 0
  }

  /** Puts messages before all that wait. */
  putBack(owed: readonly Owed[]): void {
    this.#fetched.unshift(...owed)
    for (const one of owed) this.#bytes += bytesOf(one)
  }

  clear(): void {
    this.#fetched = []
    this.restore(NONE)
    this.#entries = undefined
    this.#head = 0
    this.#bytes = 0
  }

  peek(): Owed | undefined {
    if (this.#fetched.length > 0) return this.#fetched[0]
    if (this.#storedHead < this.#stored.length) return undefined
    return this.#entries?.[this.#head]
  }

  shift(): void {
    const fetched = this.#fetched.shift()
    if (fetched !== undefined) {
      this.#bytes -= bytesOf(fetched)
      return
    }
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
