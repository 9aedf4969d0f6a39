// Reads the history newest first, by topic filter and time. The ids come from the events that the trailing
// index has not reached, then from the index: a topic is one range, and the ranges of several topics are
// merged. For very many topics it first scans the newest events, where a match is never far.

import type { Database } from 'better-sqlite3'
import type { Event } from '../../model/event.ts'
import type { HistoryQuery } from '../../model/queries.ts'
import type { EventRows } from '../events/event-rows.ts'
import { TopicEvents } from '../events/slices.ts'
import { HOUR_MS } from '../events/trailing-index.ts'

const FEW_TOPICS = 64
/** How many events are scanned for many topics before the index is used. */
const SCAN = 20_000

/** The caller holds a read transaction, so that index and events show the same moment. */
export class History {
  readonly #load
  readonly #topicEvents: TopicEvents
  readonly #sql

  constructor(db: Database, events: EventRows) {
    this.#topicEvents = new TopicEvents(db)
    this.#load = events.select('WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id DESC')
    this.#sql = prepare(db)
  }

  /**
   * Finds the newest events that match.
   * @param topics the numbers of the topics; `null` for all
   */
  newest(topics: readonly number[] | null, query: HistoryQuery): Event[] {
    const { since = -Infinity, until = Infinity, limit, bytes = Infinity } = query
    const ids = this.#ids(topics, query)
    const found: Event[] = []
    let size = 0
    while (found.length < limit && size < bytes) {
      const next = take(ids, limit - found.length)
      if (next.length === 0) break
      const wanted: number[] = []
      for (const each of this.#sql.sizes.all(JSON.stringify(next), since, until)) {
        if (size >= bytes) break
        wanted.push(each.id)
        size += each.bytes
      }
      found.push(...this.#load(JSON.stringify(wanted)))
    }
    return found
  }

  /**
   * Yields ids, newest first. The first and the last hour are whole, so some events lie outside of the time.
   */
  *#ids(
    topics: readonly number[] | null,
    { since, until, before = Infinity, limit }: HistoryQuery,
  ): Generator<number, void> {
    const indexedTo = this.#sql.indexedTo.get()!
    const first =
      since === undefined ? 1 : (this.#sql.firstSince.get(Math.floor(since / HOUR_MS)) ?? Infinity)
    const last = until === undefined ? indexedTo : (this.#sql.lastUntil.get(Math.floor(until / HOUR_MS)) ?? 0)
    const below = Math.min(before, last + 1)
    yield* this.#scan(topics, indexedTo + 1, before, limit)
    if (topics === null) yield* this.#scan(null, first, below, limit)
    else if (topics.length <= FEW_TOPICS) yield* this.#merge(topics, first, below)
    else {
      const from = Math.max(first, below - SCAN)
      yield* this.#scan(topics, from, below, limit)
      yield* this.#merge(topics, first, from)
    }
  }

  *#scan(
    topics: readonly number[] | null,
    from: number,
    below: number,
    limit: number,
  ): Generator<number, void> {
    const among = topics && JSON.stringify(topics)
    for (let end = below; end > from;) {
      const page =
        among === null ? this.#sql.ids.all(from, end, limit) : this.#sql.idsAmong.all(from, end, among, limit)
      yield* page
      if (page.length < limit) return
      end = page.at(-1)!
    }
  }

  *#merge(topics: readonly number[], from: number, below: number): Generator<number, void> {
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
  firstSince: db
    .prepare<[number], number | null>('SELECT min(first_event) FROM hours WHERE hour >= ?')
    .pluck(),
  lastUntil: db.prepare<[number], number | null>('SELECT max(last_event) FROM hours WHERE hour <= ?').pluck(),
  // length() does not read the payload.
  sizes: db.prepare<[string, number, number], { readonly id: number; readonly bytes: number }>(
    `SELECT id, length(payload) AS bytes FROM events
     WHERE id IN (SELECT value FROM json_each(?)) AND recorded = 1 AND at BETWEEN ? AND ? ORDER BY id DESC`,
  ),
  ids: db
    .prepare<[number, number, number], number>(
      'SELECT id FROM events WHERE id >= ? AND id < ? ORDER BY id DESC LIMIT ?',
    )
    .pluck(),
  idsAmong: db
    .prepare<[number, number, string, number], number>(
      `SELECT id FROM events WHERE id >= ? AND id < ? AND topic IN (SELECT value FROM json_each(?))
       ORDER BY id DESC LIMIT ?`,
    )
    .pluck(),
})
