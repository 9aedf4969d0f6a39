// The retained messages as they were left: the newest retained event of each topic, an empty one removing it.

import type { Database } from 'better-sqlite3'
import type { Event, QoS } from '../../model/event.ts'
import type { RetainedMessage } from '../../model/store.ts'
import type { NameNumbers } from '../database/names.ts'

export class RetainedWriter {
  readonly #topics: NameNumbers
  readonly #put
  readonly #drop

  constructor(db: Database, topics: NameNumbers) {
    this.#topics = topics
    this.#put = db.prepare(
      'INSERT OR REPLACE INTO retained (topic, event, at, qos, properties, payload) VALUES (?, ?, ?, ?, ?, ?)',
    )
    this.#drop = db.prepare('DELETE FROM retained WHERE topic = ?')
  }

  /**
   * Of a group that leaves many values on one topic only the last is written. What was only said again (`redelivered`) is
   * retained already.
   */
  write(events: readonly Event[]): void {
    const last = new Map<string, Event>()
    for (const event of events)
      if (event.retain && event.origin !== 'redelivered') last.set(event.topic, event)
    for (const [name, { id, at, qos, properties, payload }] of last) {
      const topic = this.#topics.of(name)
      if (payload.length === 0) this.#drop.run(topic)
      else this.#put.run(topic, id, Math.trunc(at), qos, properties, payload)
    }
  }
}

export function readRetained(db: Database): RetainedMessage[] {
  return db
    .prepare<[], RetainedMessage & { readonly qos: QoS }>(
      `SELECT topics.name AS topic, event, at, payload, qos, properties
       FROM retained JOIN topics ON topics.id = retained.topic`,
    )
    .all()
}

/** Topics of retained messages that begin with a prefix, in order. */
export function openRetainedTopics(db: Database): (prefix: string) => string[] {
  const find = db
    .prepare<[number, string], string>(
      `SELECT topics.name FROM retained JOIN topics ON topics.id = retained.topic
       WHERE substr(topics.name, 1, ?) = ? ORDER BY topics.name`,
    )
    .pluck()
  // SQLite counts characters, JavaScript halves of them.
  return (prefix) => find.all(Array.from(prefix).length, prefix)
}

/** Retained messages by their event, as far as they still are. It costs one pass over all when the first is asked for. */
export function retainedBy(db: Database): (event: number) => Event | undefined {
  let all: Map<number, RetainedMessage> | undefined
  return (event) => {
    all ??= new Map(readRetained(db).map((message) => [message.event, message]))
    const found = all.get(event)
    return found && asEvent(found)
  }
}

/** A retained message is known for as long as it is retained, even when its event has been forgotten. */
export function openRetainedReads(db: Database) {
  const find = db.prepare<[number, number, number], Omit<RetainedMessage, 'topic'>>(
    'SELECT event, at, payload, qos, properties FROM retained WHERE topic = ? AND event > ? AND event <= ?',
  )
  return (number: number, topic: string, after: number, upTo: number): Event | undefined => {
    const found = find.get(number, after, upTo)
    return found && asEvent({ ...found, topic })
  }
}

const asEvent = ({ event, ...message }: RetainedMessage): Event => ({
  ...message,
  id: event,
  retain: true,
  origin: 'retained',
  client: null,
  cause: null,
  recorded: false,
})
