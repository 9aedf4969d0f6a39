// The events of the last commits, as the journal hands them over with the word of each. An engine at the head
// takes them from here; one that is behind reads the store. Both give the same events in the same order.

import type { Event } from '../../model/event.ts'
import type { CommittedEvents, EngineReads, Heard } from '../../model/store.ts'

/** More are not held: an engine that is so far behind reads them from the store. */
const MOST_HELD = 64

type Reads = Pick<EngineReads, 'heardAfter'>

export class RecentEvents {
  readonly #reads: Reads
  /** What is held is everything that was committed after this event. Infinity: nothing is held. */
  #after = Infinity
  #events: readonly Event[] = []

  constructor(reads: Reads) {
    this.#reads = reads
  }

  /** @param committed absent: events were committed that are only in the store */
  take(committed: CommittedEvents | undefined): void {
    if (committed === undefined) return this.#hold(Infinity, [])
    const { after, events } = committed
    const isNext = this.#lastId === after && this.#events.length + events.length <= MOST_HELD
    if (isNext) this.#hold(this.#after, [...this.#events, ...events.map(ownBytes)])
    else this.#hold(after, events.map(ownBytes))
  }

  /** See `EngineReads`. The events that are held are few and small: all of them are given at once. */
  readonly heardAfter: Reads['heardAfter'] = (after, limit, bytes, isHeard): Heard => {
    if (after < this.#after) return this.#reads.heardAfter(after, limit, bytes, isHeard)
    const events = this.#events.filter(({ id, topic }) => id > after && isHeard(topic))
    return { events, upTo: Math.max(after, this.#lastId), isAll: true }
  }

  get #lastId(): number {
    return this.#events.at(-1)?.id ?? this.#after
  }

  #hold(after: number, events: readonly Event[]): void {
    this.#after = after
    this.#events = events
  }
}

/** A message that came over a line is one piece of memory: an event that a run holds must not hold all of it. */
const ownBytes = (event: Event): Event => ({
  ...event,
  payload: Buffer.from(event.payload),
  properties: event.properties && Buffer.from(event.properties),
})
