// Events as rows: written sixteen to a statement, which halves the price of a row; read back as they were handed in.

import type { Database } from 'better-sqlite3'
import type { Event } from '../model/event.ts'
import { flagsOf, isRecorded, isRetain, originOf, qosOf } from './event-flags.ts'
import { Names } from './names.ts'
import type { NameNumbers } from './names.ts'

const PLAIN_COLUMNS = ['id', 'at', 'topic', 'client', 'flags', 'payload']
const COLUMNS = [...PLAIN_COLUMNS, 'cause_event', 'cause_run', 'cause_depth', 'properties']
const ROWS = 16

type Row = [
  id: number,
  at: number,
  topic: number,
  client: number | null,
  flags: number,
  payload: Buffer,
  causeEvent: number | null,
  causeRun: number | null,
  causeDepth: number | null,
  properties: Buffer | null,
]

export class EventInsert {
  readonly #topics: NameNumbers
  readonly #clients: NameNumbers
  /** Most events have neither cause nor properties: leaving those columns out saves a quarter. */
  readonly #manyPlain
  readonly #many
  readonly #one

  constructor(db: Database, topics: NameNumbers, clients: NameNumbers) {
    this.#topics = topics
    this.#clients = clients
    this.#manyPlain = db.prepare(insertOf(PLAIN_COLUMNS, ROWS))
    this.#many = db.prepare(insertOf(COLUMNS, ROWS))
    this.#one = db.prepare(insertOf(COLUMNS, 1))
  }

  insert(events: readonly Event[]): void {
    let from = 0
    for (; from + ROWS <= events.length; from += ROWS) {
      const rows = events.slice(from, from + ROWS)
      const plain = rows.every(({ cause, properties }) => cause === null && properties === null)
      const values: unknown[] = []
      for (const event of rows) this.#bind(values, event, plain)
      ;(plain ? this.#manyPlain : this.#many).run(values)
    }
    for (const event of events.slice(from)) {
      const values: unknown[] = []
      this.#bind(values, event, false)
      this.#one.run(values)
    }
  }

  #bind(values: unknown[], event: Event, plain: boolean): void {
    const { cause, client } = event
    values.push(
      event.id,
      Math.trunc(event.at),
      this.#topics.of(event.topic),
      client === null ? null : this.#clients.of(client, event.id),
      flagsOf(event),
      event.payload,
    )
    if (!plain) values.push(cause && cause.event, cause && cause.run, cause && cause.depth, event.properties)
  }
}

function insertOf(columns: readonly string[], rows: number): string {
  const row = `(${columns.map(() => '?').join(', ')})`
  return `INSERT INTO events (${columns.join(', ')}) VALUES ${Array(rows).fill(row).join(', ')}`
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
      .prepare<(number | string)[], Row>(`SELECT ${COLUMNS.join(', ')} FROM events ${tail}`)
      .raw()
    return (...parameters) => statement.all(...parameters).map((row) => this.#event(row))
  }

  #event([id, at, topic, client, flags, payload, causeEvent, causeRun, causeDepth, properties]: Row): Event {
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
