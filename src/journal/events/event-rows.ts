// Writes events as rows, and reads them back unchanged.

import type { Database } from 'better-sqlite3'
import { headOf } from '../../model/event.ts'
import type { Event, EventHead } from '../../model/event.ts'
import { flagsOf, isRecorded, isRetain, originOf, qosOf } from './event-flags.ts'
import { Names } from '../database/names.ts'
import type { NameNumbers } from '../database/names.ts'
import { RowInsert } from '../database/row-insert.ts'
import type { Placed } from './trailing-index.ts'

const PLAIN_COLUMNS = ['id', 'at', 'topic', 'client', 'flags', 'payload']
const COLUMNS = [...PLAIN_COLUMNS, 'cause_event', 'cause_run', 'cause_depth', 'properties']
/** The columns of an event without its payload and properties, which may be large and are not read. */
const HEAD_COLUMNS = COLUMNS.map((column) =>
  column === 'payload' || column === 'properties' ? 'NULL' : column,
)

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
  /**
   * Inserts events without cause and properties: most have neither, and omitting the columns saves a quarter.
   */
  readonly #plain: RowInsert
  readonly #any: RowInsert

  constructor(db: Database, topics: NameNumbers, clients: NameNumbers) {
    this.#topics = topics
    this.#clients = clients
    this.#plain = new RowInsert(db, 'events', PLAIN_COLUMNS)
    this.#any = new RowInsert(db, 'events', COLUMNS)
  }

  /** Returns for each event what the index needs to know. */
  insert(events: readonly Event[]): Placed[] {
    const placed = events.map((event) => this.#place(event))
    const putPlain = (values: unknown[], at: number, index: number): void => {
      const event = placed[index]!
      values[at] = event.id
      values[at + 1] = event.at
      values[at + 2] = event.topic
      values[at + 3] = event.client
      values[at + 4] = event.flags
      values[at + 5] = events[index]!.payload
    }
    const putAny = (values: unknown[], at: number, index: number): void => {
      const { cause, properties } = events[index]!
      putPlain(values, at, index)
      values[at + 6] = cause && cause.event
      values[at + 7] = cause && cause.run
      values[at + 8] = cause && cause.depth
      values[at + 9] = properties
    }
    for (let from = 0, to: number; from < events.length; from = to) {
      const plain = isPlain(events[from]!)
      for (to = from + 1; to < events.length && isPlain(events[to]!) === plain;) to++
      if (plain) this.#plain.insert(from, to, putPlain)
      else this.#any.insert(from, to, putAny)
    }
    return placed
  }

  #place(event: Event): Placed {
    const { id, at, topic, client, payload } = event
    return {
      id,
      at: Math.trunc(at),
      topic: this.#topics.of(topic),
      client: client === null ? null : this.#clients.of(client, id),
      flags: flagsOf(event),
      bytes: payload.length,
    }
  }
}

const isPlain = ({ cause, properties }: Event): boolean => cause === null && properties === null

/** Reads events by any condition, over any connection to the database. */
export class EventRows {
  readonly topics: Names
  readonly #clients: Names
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
    this.topics = new Names(db, 'topics')
    this.#clients = new Names(db, 'clients')
  }

  /** @param tail the SQL after `FROM events`; its parameters are bound in order */
  select(tail: string): (...parameters: (number | string)[]) => Event[] {
    return this.#select(COLUMNS, tail)
  }

  selectHeads(tail: string): (...parameters: (number | string)[]) => EventHead[] {
    const select = this.#select(HEAD_COLUMNS, tail)
    return (...parameters) => select(...parameters).map(headOf)
  }

  #select(columns: readonly string[], tail: string): (...parameters: (number | string)[]) => Event[] {
    const statement = this.#db
      .prepare<(number | string)[], Row>(`SELECT ${columns.join(', ')} FROM events ${tail}`)
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
