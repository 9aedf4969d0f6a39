// The table of retained messages: the newest retained event of each topic. An empty payload removes the
// message.

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
      `INSERT OR REPLACE INTO retained (topic, event, at, qos, properties, payload)
       VALUES (?, ?, ?, ?, ?, ?)`,
    )
    this.#drop = db.prepare('DELETE FROM retained WHERE topic = ?')
  }

  /**
   * Writes the last retained event of each topic in a group. A `redelivered` event is skipped, since its
   * message is retained already.
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

/** Finds the topics of retained messages that begin with a prefix, sorted by name. */
export function openRetainedTopics(db: Database): (prefix: string) => string[] {
  const find = db
    .prepare<[number, string], string>(
      `SELECT topics.name FROM retained JOIN topics ON topics.id = retained.topic
       WHERE substr(topics.name, 1, ?) = ? ORDER BY topics.name`,
    )
    .pluck()
  // SQLite's substr counts code points; a JavaScript string counts UTF-16 code units.
  return (prefix) => find.all(Array.from(prefix).length, prefix)
}

/** Finds retained messages by the id of their event. The first call reads all retained messages. */
export function retainedBy(db: Database): (event: number) => Event | undefined {
  let all: Map<number, RetainedMessage> | undefined
  return (event) => {
    all ??= new Map(readRetained(db).map((message) => [message.event, message]))
    const found = all.get(event)
    return found && asEvent(found)
  }
}

/** Finds the retained message of a topic, even when its event has been pruned. */
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
