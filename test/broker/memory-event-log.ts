// An event log in memory whose commits happen when the test says so.

import type { Event, NewEvent } from '../../src/model/event.ts'
import type { EventLog, RetainedMessage } from '../../src/model/store.ts'
import { MemorySessionLog } from './memory-session-log.ts'

export class MemoryEventLog implements EventLog {
  readonly events: Event[] = []
  /** Changes of sessions are committed in the same order; their marks are ids that no event has. */
  readonly sessionLog = new MemorySessionLog(
    () => this.#give(),
    () => this.events,
  )
  lastId = 0
  #given = 0
  committedId = 0
  congested = false
  skipped = 0
  trouble: string | null = null
  readonly #committed: ((committedId: number) => void)[] = []
  readonly #drained: (() => void)[] = []

  /** `at once`: each turn of the loop is committed when it ends; `by hand`: see `commit`. */
  commits: 'at once' | 'by hand'

  constructor(commits: 'at once' | 'by hand' = 'at once') {
    this.commits = commits
  }

  append(event: NewEvent): number {
    const id = this.#give()
    this.lastId = id
    const { payload, properties } = event
    this.events.push({
      ...event,
      id,
      payload: Buffer.from(payload),
      properties: properties === null ? null : Buffer.from(properties),
    })
    return id
  }

  #give(): number {
    const id = ++this.#given
    if (this.commits === 'at once') setImmediate(() => this.commit(id))
    return id
  }

  onCommitted(listener: (committedId: number) => void): void {
    this.#committed.push(listener)
  }

  onDrain(listener: () => void): void {
    this.#drained.push(listener)
  }

  /** Commits up to an id, by default all there is. */
  commit(upTo = this.#given): void {
    if (upTo <= this.committedId) return
    this.committedId = upTo
    for (const listener of this.#committed) listener(upTo)
  }

  /** What is retained: the newest of each topic. */
  retained(): RetainedMessage[] {
    const last = new Map(this.events.filter(({ retain }) => retain).map((event) => [event.topic, event]))
    return [...last.values()]
      .filter(({ payload }) => payload.length > 0)
      .map(({ id, topic, at, payload, qos, properties }) => ({
        event: id,
        topic,
        at,
        payload,
        qos,
        properties,
      }))
  }

  /** What the next hub finds when this one dies now; also what is not committed yet. The dead one may go on; nobody sees that. */
  successor(upTo = this.#given): MemoryEventLog {
    const next = new MemoryEventLog()
    next.events.push(...this.events.filter(({ id }) => id <= upTo))
    next.lastId = next.events.at(-1)?.id ?? 0
    for (const [index, change] of this.sessionLog.changes.entries()) {
      const mark = this.sessionLog.marks[index]!
      if (mark > upTo) continue
      next.sessionLog.changes.push(change)
      next.sessionLog.marks.push(mark)
    }
    next.#given = upTo
    next.committedId = upTo
    return next
  }

  /** The same without what is not committed yet. An event and what is said after it are committed together. */
  committed(): MemoryEventLog {
    const next = this.events.find(({ id }) => id > this.committedId)
    return this.successor(next === undefined ? this.#given : next.id - 1)
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
