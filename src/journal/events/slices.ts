// A slice is a row of the index by topic: the ids of up to 128 events of one topic, ascending. New slices go
// to `recent_slices`, part by part in the order of arrival, so that rows written together lie together
// however many topics there are. A full part moves to `topic_slices`, where a topic's events are one range
// (compaction). Each id is in one of the two tables.

import type { Database } from 'better-sqlite3'

/** The number of ids that fit into a row without overflowing its page. */
export const SLICE_IDS = 128

const PART_EVENTS = 65_536

/** The part of `recent_slices` to which an event belongs. */
export const partOf = (id: number): number => Math.floor(id / PART_EVENTS)

export interface Slice {
  /** No id in this slice is below `base`, and no id in the topic's earlier slices is above it. */
  readonly base: number
  readonly ids: string
}

export const idsOf = ({ base, ids }: Slice): number[] => ids.split(',').map((id) => base + Number(id))

export const sliceOf = (base: number, ids: readonly number[]): string => ids.map((id) => id - base).join(',')

/** How many slices are read at once: first one, which often suffices, then more. */
const FIRST_PAGE = 1
const PAGE = 16

/** Finds the events of a topic in the index, which knows all events up to `indexed_to`. */
export class TopicEvents {
  readonly #sql

  constructor(db: Database) {
    this.#sql = prepare(db)
  }

  /**
   * Yields the ids from `from` up to, but without `below`, newest first. A slice that compaction moves
   * meanwhile is not missed, since its new table is read last.
   */
  *newest(topic: number, from: number, below: number): Generator<number, void> {
    for (const slice of this.#newestSlices(topic, from, below)) {
      for (const id of idsOf(slice).toReversed()) {
        if (id < from) return
        if (id < below) yield id
      }
    }
  }

  /** Yields the ids above `after`, oldest first. The caller holds a transaction. */
  *oldest(topic: number, after: number): Generator<number, void> {
    for (const slice of this.#oldestSlices(topic, after)) {
      for (const id of idsOf(slice)) if (id > after) yield id
    }
  }

  *#newestSlices(topic: number, from: number, below: number): Generator<Slice, void> {
    const { recentBelow, compactedBelow } = this.#sql
    const [oldest, newest] = this.#parts(partOf(from), partOf(below))
    for (let part = newest; part >= oldest; part--) {
      yield* paged(below, (end, limit) => recentBelow.all(part, topic, end, limit))
    }
    yield* paged(below, (end, limit) => compactedBelow.all(topic, end, limit))
  }

  *#oldestSlices(topic: number, after: number): Generator<Slice, void> {
    const { recentAbove, compactedAbove, compactedWith } = this.#sql
    // The slice that holds `after`, or would hold it, begins before it.
    const first = compactedWith.get(topic, after)
    if (first !== undefined) yield first
    yield* paged(after, (above, limit) => compactedAbove.all(topic, above, limit))
    const [oldest, newest] = this.#parts(partOf(after), Infinity)
    for (let part = oldest; part <= newest; part++) {
      yield* paged(-1, (above, limit) => recentAbove.all(part, topic, above, limit))
    }
  }

  /** The range of the parts between these two that are not fully compacted. */
  #parts(from: number, to: number): [oldest: number, newest: number] {
    const { oldest, newest } = this.#sql.parts.get()!
    return [Math.max(from, oldest ?? Infinity), Math.min(to, newest ?? -Infinity)]
  }
}

function* paged(from: number, next: (from: number, limit: number) => Slice[]): Generator<Slice, void> {
  for (let start = from, limit = FIRST_PAGE; ; limit = PAGE) {
    const page = next(start, limit)
    yield* page
    if (page.length < limit) return
    start = page.at(-1)!.base
  }
}

const prepare = (db: Database) => ({
  parts: db.prepare<[], { oldest: number | null; newest: number | null }>(
    `SELECT (SELECT min(part) FROM recent_slices) AS oldest, (SELECT max(part) FROM recent_slices) AS newest`,
  ),
  recentBelow: db.prepare<[part: number, topic: number, below: number, limit: number], Slice>(
    `SELECT base, ids FROM recent_slices WHERE part = ? AND topic = ? AND base < ?
     ORDER BY base DESC LIMIT ?`,
  ),
  recentAbove: db.prepare<[part: number, topic: number, above: number, limit: number], Slice>(
    'SELECT base, ids FROM recent_slices WHERE part = ? AND topic = ? AND base > ? ORDER BY base LIMIT ?',
  ),
  compactedBelow: db.prepare<[topic: number, below: number, limit: number], Slice>(
    'SELECT base, ids FROM topic_slices WHERE topic = ? AND base < ? ORDER BY base DESC LIMIT ?',
  ),
  compactedAbove: db.prepare<[topic: number, above: number, limit: number], Slice>(
    'SELECT base, ids FROM topic_slices WHERE topic = ? AND base > ? ORDER BY base LIMIT ?',
  ),
  compactedWith: db.prepare<[topic: number, id: number], Slice>(
    'SELECT base, ids FROM topic_slices WHERE topic = ? AND base <= ? ORDER BY base DESC LIMIT 1',
  ),
})
