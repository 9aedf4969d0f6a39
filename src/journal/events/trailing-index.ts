// The index that queries use: events by topic, counts by hour. Updating it with each insert would make an
// insert ten times as expensive, so the index trails behind: it notes committed events in memory, and writes
// them in pieces between commits. Queries use the index up to `indexed_to`, and read the events after that
// one by one.

import type { Database } from 'better-sqlite3'
import { RECORDED } from './event-flags.ts'
import { RowInsert } from '../database/row-insert.ts'
import { partOf, SLICE_IDS, sliceOf } from './slices.ts'

export const HOUR_MS = 3_600_000

/** The most events that one piece covers: a query can still read so many one by one. */
const PIECE_EVENTS = 20_000
/** The fewest events that are worth a piece when there is nothing else to do. */
const SMALL_PIECE_EVENTS = 2_000

/** An event as the index sees it. */
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
  /** The complete pieces, oldest first. The first may be partly written. */
  #pieces: Piece[] = []
  #gathering = new Piece()
  #indexedTo: number

  constructor(db: Database) {
    this.#sql = prepare(db)
    this.#addSlices = new RowInsert(db, 'recent_slices', SLICE_COLUMNS)
    this.#indexedTo = this.#sql.indexedTo.get()!
    // Removes the rows of a piece that a crash left unfinished.
    this.#sql.dropAfter.run(partOf(this.#indexedTo), this.#indexedTo)
    for (const event of this.#sql.unindexed.iterate()) this.take(event)
  }

  get indexedTo(): number {
    return this.#indexedTo
  }

  /** Notes an event that has been committed. */
  take(event: Placed): void {
    if (!this.#gathering.hasRoomFor(event)) this.close()
    this.#gathering.add(event)
  }

  /** Completes the piece that is being gathered, however small it is. */
  close(): void {
    if (this.#gathering.events === 0) return
    this.#gathering.close()
    this.#pieces.push(this.#gathering)
    this.#gathering = new Piece()
  }

  /** Whether a piece should be written now. */
  isDue(busy: boolean): boolean {
    return this.#pieces.length > 0 || (!busy && this.#gathering.events >= SMALL_PIECE_EVENTS)
  }

  /**
   * The next rows of the oldest piece. If no piece is complete, the one being gathered counts as complete.
   */
  next(rows: number): Rows | undefined {
    if (this.#pieces.length === 0) this.close()
    return this.#pieces[0]?.next(rows)
  }

  /** Writes these rows. The caller holds a transaction. */
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

  /** Called when these rows are committed. */
  wrote(rows: Rows): void {
    rows.piece.wrote(rows)
    if (!rows.isLast) return
    this.#indexedTo = rows.piece.lastId
    this.#pieces.shift()
  }
}

/** Some rows of a piece. Its last rows move `indexed_to`; until then nobody reads the others. */
interface Rows {
  readonly piece: Piece
  readonly slices: readonly OpenSlice[]
  /** The newest event of each client. */
  readonly clients: readonly (readonly [client: number, id: number])[]
  readonly isLast: boolean
}

/** Consecutive events of one topic, all of the same hour. */
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

/** Consecutive events of one part, gathered to be written to the index. */
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

  /** Ends the piece and sorts its rows by topic, so that neighbours are written together. */
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
    `INSERT INTO hours (hour, events, bytes, first_event, last_event)
     VALUES (@hour, @events, @bytes, @first, @last)
     ON CONFLICT DO UPDATE SET events = events + excluded.events, bytes = bytes + excluded.bytes,
       first_event = min(first_event, excluded.first_event),
       last_event = max(last_event, excluded.last_event)`,
  ),
  seeClient: db.prepare<[number, number]>('UPDATE clients SET last_event = ? WHERE id = ?'),
  advance: db.prepare<[number, number]>(
    'UPDATE journal SET indexed_events = indexed_events + ?, indexed_to = ?',
  ),
})
