// An event log in memory whose commits happen when the test says so.

import type { Event, NewEvent } from '../../src/model/event.ts'
import type { EventLog } from '../../src/model/store.ts'

export class MemoryEventLog implements EventLog {
  readonly events: Event[] = []
  committedId = 0
  congested = false
  skipped = 0
  trouble: string | null = null
  readonly #committed: ((committedId: number) => void)[] = []
  readonly #drained: (() => void)[] = []
  readonly #auto: boolean

  /** @param commits `at once`: each turn of the loop is committed when it ends; `by hand`: see `commit` */
  constructor(commits: 'at once' | 'by hand' = 'at once') {
    this.#auto = commits === 'at once'
  }

  get lastId(): number {
    return this.events.length
  }

  append(event: NewEvent): number {
    const id = this.events.length + 1
    const { payload, properties } = event
    this.events.push({
      ...event,
      id,
      payload: Buffer.from(payload),
      properties: properties === null ? null : Buffer.from(properties),
    })
    if (this.#auto) setImmediate(() => this.commit(id))
    return id
  }

  onCommitted(listener: (committedId: number) => void): void {
    this.#committed.push(listener)
  }

  onDrain(listener: () => void): void {
    this.#drained.push(listener)
  }

  /** Commits up to an id, by default all there is. */
  commit(upTo = this.events.length): void {
    if (upTo <= this.committedId) return
    this.committedId = upTo
    for (const listener of this.#committed) listener(upTo)
  }

  drain(): void {
    this.congested = false
    for (const listener of this.#drained) listener()
  }

  /** The events of a topic, or of all topics but those that the hub tells of its own accord. */
  of(topic?: string): Event[] {
    return this.events.filter((event) =>
      topic === undefined ? event.client !== null : event.topic === topic,
    )
  }
}
