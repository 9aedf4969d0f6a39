// Reads the history newest first or oldest first, by topic filter, time and what is asked of each event. It
// looks at stretches of bounded length. Newest first, the ids come from the events that the trailing index has
// not reached, then from the index: a topic is one range, and the ranges of several topics are merged. For very
// many topics it first scans the newest events, where a match is never far. Oldest first it scans all events.

import type { Database } from 'better-sqlite3'
import type { HistoryPage, HistoryPageQuery, HistoryQuery } from '../../model/queries.ts'
import type { EventRows } from '../events/event-rows.ts'
import { TopicEvents } from '../events/slices.ts'
import { HOUR_MS } from '../events/trailing-index.ts'
import { MatchingRows, registerJsonHolds } from './matching-rows.ts'
import type { FoundRow } from './matching-rows.ts'

const FEW_TOPICS = 64
/** How many events are scanned for many topics before the index is used. */
const SCAN = 20_000
/** How many ids one statement looks at. */
const STRETCH = 20_000
/** How many ids from the index one statement looks at. */
const GROUP = 1_000

/** What a look at some events has found. */
interface Look {
  readonly found: readonly FoundRow[]
  /** How many events it looked at. */
  readonly looked: number
  /** The id of the last event that it looked at. */
  readonly reached: number
}

/** The caller holds a read transaction, so that index and events show the same moment. */
export class History {
  readonly #db: Database
  readonly #load
  readonly #topicEvents: TopicEvents
  readonly #sql

  constructor(db: Database, events: EventRows) {
    registerJsonHolds(db)
    this.#db = db
    this.#topicEvents = new TopicEvents(db)
    this.#load = events.select('WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id')
    this.#sql = prepare(db)
  }

  /**
   * Finds the events that match, from one end on.
   * @param topics the numbers of the topics; `null` for all
   */
  page(topics: readonly number[] | null, query: HistoryPageQuery): HistoryPage {
    const { after, limit, bytes = Infinity, looks = Infinity } = query
    const isOldestFirst = after !== undefined
    let reached = after ?? Math.min(query.before ?? Infinity, this.#lastId() + 1)
    const page = (ids: readonly number[], isAll: boolean): HistoryPage => {
      const events = this.#load(JSON.stringify(ids))
      return { events: isOldestFirst ? events : events.toReversed(), reached, isAll }
    }
    const wanted: number[] = []
    if (limit < 1 || bytes <= 0) return page(wanted, false)
    const client = query.client === undefined ? undefined : this.#sql.client.get(query.client)
    if (query.client !== undefined && client === undefined) return page(wanted, true)
    const rows = new MatchingRows(this.#db, { ...query, topics, client: client?.id }, limit)
    let size = 0
    let looked = 0
    for (const look of isOldestFirst
      ? this.#oldest(rows, topics, query, after)
      : this.#newest(rows, topics, query, client?.lastEvent)) {
      for (const each of look.found) {
        wanted.push(each.id)
        size += each.bytes
        reached = each.id
        if (wanted.length >= limit || size >= bytes) return page(wanted, false)
      }
      reached = look.reached
      looked += look.looked
      if (looked >= looks) return page(wanted, false)
    }
    return page(wanted, true)
  }

  /**
   * The first and the last hour are whole, so some events lie outside of the time.
   * @param lastEvent the last event of the client that the query names, of those that are indexed
   */
  *#newest(
    rows: MatchingRows,
    topics: readonly number[] | null,
    { since, until, before = Infinity }: HistoryQuery,
    lastEvent = Infinity,
  ): Generator<Look, void> {
    const indexedTo = this.#sql.indexedTo.get()!
    const first = this.#firstOf(since)
    const last = until === undefined ? indexedTo : (this.#sql.lastUntil.get(Math.floor(until / HOUR_MS)) ?? 0)
    const below = Math.min(before, Math.min(last, lastEvent) + 1)
    yield* this.#scanDown(rows, indexedTo + 1, Math.min(before, this.#lastId() + 1))
    if (topics === null) yield* this.#scanDown(rows, first, below)
    else if (topics.length <= FEW_TOPICS) yield* this.#merge(rows, topics, first, below)
    else {
      const from = Math.max(first, below - SCAN)
      yield* this.#scanDown(rows, from, below)
      yield* this.#merge(rows, topics, first, from)
    }
  }

  *#oldest(
    rows: MatchingRows,
    topics: readonly number[] | null,
    { since }: HistoryQuery,
    after: number,
  ): Generator<Look, void> {
    if (topics?.length === 0) return
    const lastId = this.#lastId()
    const first = Math.min(this.#firstOf(since), this.#sql.indexedTo.get()! + 1)
    for (let from = Math.max(after + 1, first); from <= lastId;) {
      const below = Math.min(lastId + 1, from + STRETCH)
      const found = rows.oldest(from, below)
      const reached = rows.isFull(found) ? found.at(-1)!.id : below - 1
      yield { found, looked: reached - from + 1, reached }
      from = reached + 1
    }
  }

  *#scanDown(rows: MatchingRows, from: number, below: number): Generator<Look, void> {
    for (let end = below; end > from;) {
      const start = Math.max(from, end - STRETCH)
      const found = rows.newest(start, end)
      const reached = rows.isFull(found) ? found.at(-1)!.id : start
      yield { found, looked: end - reached, reached }
      end = reached
    }
  }

  *#merge(
    rows: MatchingRows,
    topics: readonly number[],
    first: number,
    below: number,
  ): Generator<Look, void> {
    const ids = this.#mergedIds(topics, first, below)
    for (let group = rows.limit; ; group = GROUP) {
      const taken = take(ids, Math.min(group, GROUP))
      if (taken.length === 0) return
      yield { found: rows.among(taken), looked: taken.length, reached: taken.at(-1)! }
    }
  }

  *#mergedIds(topics: readonly number[], from: number, below: number): Generator<number, void> {
    const sources = topics.map((topic) => this.#topicEvents.newest(topic, from, below))
    const heads = sources.map((source) => source.next().value ?? -1)
    while (true) {
      let newest = 0
      for (let index = 1; index < heads.length; index++) if (heads[index]! > heads[newest]!) newest = index
      const id = heads[newest] ?? -1
      if (id === -1) return
      yield id
      heads[newest] = sources[newest]!.next().value ?? -1
    }
  }

  /** The first event in the index of the hour of `since` or of a later one. */
  #firstOf(since: number | undefined): number {
    if (since === undefined) return this.#firstId()
    return this.#sql.firstSince.get(Math.floor(since / HOUR_MS)) ?? Infinity
  }

  #firstId(): number {
    return this.#sql.firstId.get() ?? 1
  }

  #lastId(): number {
    return this.#sql.lastId.get() ?? 0
  }
}

function take(ids: Iterator<number>, count: number): number[] {
  const taken: number[] = []
  while (taken.length < count) {
    const { value, done } = ids.next()
    if (done === true) break
    taken.push(value)
  }
  return taken
}

const prepare = (db: Database) => ({
  indexedTo: db.prepare<[], number>('SELECT indexed_to FROM journal').pluck(),
  firstId: db.prepare<[], number | null>('SELECT min(id) FROM events').pluck(),
  lastId: db.prepare<[], number | null>('SELECT max(id) FROM events').pluck(),
  firstSince: db
    .prepare<[number], number | null>('SELECT min(first_event) FROM hours WHERE hour >= ?')
    .pluck(),
  lastUntil: db.prepare<[number], number | null>('SELECT max(last_event) FROM hours WHERE hour <= ?').pluck(),
  client: db.prepare<[string], { readonly id: number; readonly lastEvent: number }>(
    'SELECT id, last_event AS lastEvent FROM clients WHERE name = ?',
  ),
})
