// Events as rows: written sixteen to a statement, which halves the price of a row; read back as they were handed in.

import type { Database } from 'better-sqlite3'
import type { Event } from '../model/event.ts'
import { flagsOf, isRecorded, isRetain, originOf, qosOf } from './event-flags.ts'
import { Names } from './names.ts'
import type { NameNumbers } from './names.ts'

const COLUMNS = 'id, at, topic, client, flags, cause_event, cause_run, cause_depth, properties, payload'
const ROWS = 16

type Row = [
  id: number,
  at: number,
  topic: number,
  client: number | null,
  flags: number,
  causeEvent: number | null,
  causeRun: number | null,
  causeDepth: number | null,
  properties: Buffer | null,
  payload: Buffer,
]

export class EventInsert {
  readonly #topics: NameNumbers
  readonly #clients: NameNumbers
  readonly #many
  readonly #one

  constructor(db: Database, topics: NameNumbers, clients: NameNumbers) {
    const row = '(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'
    const insert = `INSERT INTO events (${COLUMNS}) VALUES `
    this.#topics = topics
    this.#clients = clients
    this.#many = db.prepare(insert + Array(ROWS).fill(row).join(', '))
    this.#one = db.prepare(insert + row)
  }

  insert(events: readonly Event[]): void {
    let done = 0
    for (; done + ROWS <= events.length; done += ROWS) {
      const values: unknown[] = []
      for (let index = done; index < done + ROWS; index++) this.#bind(values, events[index]!)
      this.#many.run(values)
    }
    for (; done < events.length; done++) {
      const values: unknown[] = []
      this.#bind(values, events[done]!)
      this.#one.run(values)
    }
  }

  #bind(values: unknown[], event: Event): void {
    const { cause, client } = event
    values.push(
      event.id,
      Math.trunc(event.at),
      this.#topics.of(event.topic),
      client === null ? null : this.#clients.of(client, event.id),
      flagsOf(event),
      cause && cause.event,
      cause && cause.run,
      cause && cause.depth,
      event.properties,
      event.payload,
    )
  }
}

/** Reads events by any condition, on any connection. */
export class EventRows {
  readonly topics: Names
  readonly #clients: Names
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
    this.topics = new Names(db, 'topics')
    this.#clients = new Names(db, 'clients')
  }

  /** @param tail what follows `FROM events`; its parameters are bound in order */
  select(tail: string): (...parameters: (number | string)[]) => Event[] {
    const statement = this.#db
      .prepare<(number | string)[], Row>(`SELECT ${COLUMNS} FROM events ${tail}`)
      .raw()
    return (...parameters) => statement.all(...parameters).map((row) => this.#event(row))
  }

  #event([id, at, topic, client, flags, causeEvent, causeRun, causeDepth, properties, payload]: Row): Event {
    return {
      id,
      at,
      topic: this.topics.name(topic),
      payload,
      qos: qosOf(flags),
      retain: isRetain(flags),
      origin: originOf(flags),
      client: client === null ? null : this.#clients.name(client),
      properties,
      cause: causeEvent === null ? null : { event: causeEvent, run: causeRun, depth: causeDepth ?? 1 },
      recorded: isRecorded(flags),
    }
  }
}
