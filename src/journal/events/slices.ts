// A slice is a row of the index by topic: the ids of up to 128 events of one topic, ascending. New ones are written in the
// order of coming, to `recent_slices`, part by part, so that what is written together lies together whatever the number of
// topics; a part that is full moves to `topic_slices`, where a topic's events are one range. An id is in one of the two.

import type { Database } from 'better-sqlite3'

/** What fits into a row without overflowing its page. */
export const SLICE_IDS = 128

const PART_EVENTS = 65_536

/** The part of the order of coming to which an event belongs. */
export const partOf = (id: number): number => Math.floor(id / PART_EVENTS)

export interface Slice {
  /** No id in it is below this, and none in the topic's earlier slices is above. */
  readonly base: number
  readonly ids: string
}

export const idsOf = ({ base, ids }: Slice): number[] => ids.split(',').map((id) => base + Number(id))

export const sliceOf = (base: number, ids: readonly number[]): string => ids.map((id) => id - base).join(',')

/** Slices read at once: one where often the first will do, then more. */
const FIRST_PAGE = 1
const PAGE = 16

/** Which events a topic has, up to `indexed_to`. */
export class TopicEvents {
  readonly #sql

  constructor(db: Database) {
    this.#sql = prepare(db)
  }

  /**
   * Those from `from` on and below `below`, newest first. What moves meanwhile is not missed, for it is looked for in its new
   * place last.
   */
  *newest(topic: number, from: number, below: number): Generator<number, void> {
    for (const slice of this.#newestSlices(topic, from, below)) {
      for (const id of idsOf(slice).toReversed()) {
        if (id < from) return
        if (id < below) yield id
      }
    }
  }

  /** Those above `after`, oldest first. Within one transaction. */
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
    // The slice in which this event has or would have its place begins before it.
    const first = compactedWith.get(topic, after)
    if (first !== undefined) yield first
    yield* paged(after, (above, limit) => compactedAbove.all(topic, above, limit))
    const [oldest, newest] = this.#parts(partOf(after), Infinity)
    for (let part = oldest; part <= newest; part++) {
      yield* paged(-1, (above, limit) => recentAbove.all(part, topic, above, limit))
    }
  }

  /** The parts between these that have not moved whole. */
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
    'SELECT base, ids FROM recent_slices WHERE part = ? AND topic = ? AND base < ? ORDER BY base DESC LIMIT ?',
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
