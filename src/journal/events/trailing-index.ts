// What queries need beside the events themselves: events by topic, counts by hour. Kept inline it would make an insert ten
// times as dear, so it trails behind: what was committed is noted here, in memory, and written in pieces between commits.
// Queries read the index up to `indexed_to`, and the events after that themselves.

import type { Database } from 'better-sqlite3'
import { RECORDED } from './event-flags.ts'
import { RowInsert } from '../database/row-insert.ts'
import { partOf, SLICE_IDS, sliceOf } from './slices.ts'

export const HOUR_MS = 3_600_000

/** A piece of the index covers so many events at most: no more than a query looks through with ease. */
const PIECE_EVENTS = 20_000
/** When there is nothing else to do, a smaller piece is worth it. */
const SMALL_PIECE_EVENTS = 2_000

/** What the index has to know of an event. */
export interface Placed {
  readonly id: number
  readonly at: number
  /** The numbers of topic and client. */
  readonly topic: number
  readonly client: number | null
  readonly flags: number
  readonly bytes: number
}

export class TrailingIndex {
  readonly #sql
  readonly #addSlices: RowInsert
  /** Whole ones, oldest first, of which the first may be partly written. */
  #pieces: Piece[] = []
  #gathering = new Piece()
  #indexedTo: number

  constructor(db: Database) {
    this.#sql = prepare(db)
    this.#addSlices = new RowInsert(db, 'recent_slices', SLICE_COLUMNS)
    this.#indexedTo = this.#sql.indexedTo.get()!
    // Of a piece that a crash cut off.
    this.#sql.dropAfter.run(partOf(this.#indexedTo), this.#indexedTo)
    for (const event of this.#sql.unindexed.iterate()) this.take(event)
  }

  get indexedTo(): number {
    return this.#indexedTo
  }

  /** Of an event that has been committed. */
  take(event: Placed): void {
    if (!this.#gathering.hasRoomFor(event)) this.close()
    this.#gathering.add(event)
  }

  /** What has gathered is due, however little it is. */
  close(): void {
    if (this.#gathering.events === 0) return
    this.#gathering.close()
    this.#pieces.push(this.#gathering)
    this.#gathering = new Piece()
  }

  /** Whether there is a piece that should be written. */
  isDue(busy: boolean): boolean {
    return this.#pieces.length > 0 || (!busy && this.#gathering.events >= SMALL_PIECE_EVENTS)
  }

  /** The next rows of the oldest piece, or of what there is of one. */
  next(rows: number): Rows | undefined {
    if (this.#pieces.length === 0) this.close()
    return this.#pieces[0]?.next(rows)
  }

  /** Within a transaction. */
  write({ piece, slices, clients, isLast }: Rows): void {
    const part = partOf(piece.lastId)
    this.#addSlices.insert(0, slices.length, (values, at, index) => {
      const { topic, base, ids, hour, events, bytes } = slices[index]!
      values[at] = part
      values[at + 1] = topic
      values[at + 2] = base
      values[at + 3] = sliceOf(base, ids)
      values[at + 4] = hour
      values[at + 5] = events
      values[at + 6] = bytes
    })
    for (const [client, id] of clients) this.#sql.seeClient.run(id, client)
    if (!isLast) return
    for (const sums of piece.hours.values()) this.#sql.addHour.run(sums)
    this.#sql.advance.run(piece.recorded, piece.lastId)
  }

  /** They have been committed. */
  wrote(rows: Rows): void {
    rows.piece.wrote(rows)
    if (!rows.isLast) return
    this.#indexedTo = rows.piece.lastId
    this.#pieces.shift()
  }
}

/** A part of a piece. With the last one `indexed_to` moves on; until then nobody looks at the others. */
interface Rows {
  readonly piece: Piece
  readonly slices: readonly OpenSlice[]
  /** Client → its newest event. */
  readonly clients: readonly (readonly [client: number, id: number])[]
  readonly isLast: boolean
}

/** Events of one topic and hour, of which no event of this topic lies between. */
interface OpenSlice {
  readonly topic: number
  readonly base: number
  readonly ids: number[]
  readonly hour: number
  events: number
  bytes: number
}

interface HourSums {
  readonly hour: number
  events: number
  bytes: number
  readonly first: number
  last: number
}

/** Some events that follow each other within one part, gathered to be written to the index. */
class Piece {
  readonly hours = new Map<number, HourSums>()
  events = 0
  recorded = 0
  lastId = 0
  readonly #open = new Map<number, OpenSlice>()
  readonly #seen = new Map<number, number>()
  #slices: OpenSlice[] = []
  #clients: [client: number, id: number][] = []

  hasRoomFor({ id }: Placed): boolean {
    return this.events === 0 || (this.events < PIECE_EVENTS && partOf(id) === partOf(this.lastId))
  }

  add({ id, at, topic, client, flags, bytes }: Placed): void {
    const hour = Math.floor(at / HOUR_MS)
    const slice = this.#sliceFor(topic, id, hour)
    slice.ids.push(id)
    if ((flags & RECORDED) !== 0) {
      slice.events++
      slice.bytes += bytes
      this.recorded++
      this.#count(hour, id, bytes)
    }
    if (client !== null) this.#seen.set(client, id)
    this.events++
    this.lastId = id
  }

  /** Nothing more comes. In the order of topics, so that neighbours are written together. */
  close(): void {
    this.#slices.sort((a, b) => a.topic - b.topic || a.base - b.base)
    this.#clients = [...this.#seen].toSorted(([a], [b]) => a - b)
  }

  next(rows: number): Rows {
    const slices = this.#slices.slice(0, rows)
    const clients = this.#clients.slice(0, rows - slices.length)
    const isLast = slices.length === this.#slices.length && clients.length === this.#clients.length
    return { piece: this, slices, clients, isLast }
  }

  wrote({ slices, clients }: Rows): void {
    this.#slices.splice(0, slices.length)
    this.#clients.splice(0, clients.length)
  }

  #sliceFor(topic: number, id: number, hour: number): OpenSlice {
    let slice = this.#open.get(topic)
    if (slice === undefined || slice.hour !== hour || slice.ids.length === SLICE_IDS) {
      slice = { topic, base: id, ids: [], hour, events: 0, bytes: 0 }
      this.#open.set(topic, slice)
      this.#slices.push(slice)
    }
    return slice
  }

  #count(hour: number, id: number, bytes: number): void {
    const sums = this.hours.get(hour)
    if (sums === undefined) this.hours.set(hour, { hour, events: 1, bytes, first: id, last: id })
    else {
      sums.events++
      sums.bytes += bytes
      sums.last = id
    }
  }
}

const SLICE_COLUMNS = ['part', 'topic', 'base', 'ids', 'hour', 'events', 'bytes']

const prepare = (db: Database) => ({
  indexedTo: db.prepare<[], number>('SELECT indexed_to FROM journal').pluck(),
  unindexed: db.prepare<[], Placed>(
    `SELECT id, at, topic, client, flags, length(payload) AS bytes FROM events
     WHERE id > (SELECT indexed_to FROM journal) ORDER BY id`,
  ),
  dropAfter: db.prepare<[part: number, id: number]>('DELETE FROM recent_slices WHERE part >= ? AND base > ?'),
  addHour: db.prepare<[HourSums]>(
    `INSERT INTO hours (hour, events, bytes, first_event, last_event) VALUES (@hour, @events, @bytes, @first, @last)
     ON CONFLICT DO UPDATE SET events = events + excluded.events, bytes = bytes + excluded.bytes,
       first_event = min(first_event, excluded.first_event), last_event = max(last_event, excluded.last_event)`,
  ),
  seeClient: db.prepare<[number, number]>('UPDATE clients SET last_event = ? WHERE id = ?'),
  advance: db.prepare<[number, number]>(
    'UPDATE journal SET indexed_events = indexed_events + ?, indexed_to = ?',
  ),
})
