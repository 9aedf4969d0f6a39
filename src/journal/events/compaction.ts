// Moves slices from `recent_slices` to `topic_slices` once their part is full: by then a topic has so many
// events in the part that it is worth writing its page of the index. One transaction moves a bounded number
// of slices, and after each transaction every id is in exactly one of the two tables.

import type { Database } from 'better-sqlite3'
import { idsOf, partOf, SLICE_IDS, sliceOf } from './slices.ts'
import type { Slice } from './slices.ts'

const SLICES_PER_TRANSACTION = 250

interface RecentSlice extends Slice {
  readonly topic: number
  readonly hour: number
  readonly events: number
  readonly bytes: number
}

export class Compaction {
  readonly #sql
  #oldestPart = Infinity

  constructor(db: Database) {
    this.#sql = prepare(db)
    this.reread()
  }

  /** Reads from the table which part is next: at the start, and after a rollback. */
  reread(): void {
    this.#oldestPart = this.#sql.oldestPart.get() ?? Infinity
  }

  /** @param indexedTo the newest event in the index */
  isDue(indexedTo: number): boolean {
    if (this.#oldestPart === Infinity) this.reread()
    return this.#oldestPart < partOf(indexedTo)
  }

  /** Moves the next slices, in the order of topics and then of events. The caller holds a transaction. */
  advance(): void {
    const part = this.#oldestPart
    const slices = this.#sql.slices.all(part, SLICES_PER_TRANSACTION)
    for (const [topic, ofTopic] of Map.groupBy(slices, (slice) => slice.topic)) {
      this.#append(topic, ofTopic.flatMap(idsOf))
      for (const { hour, events, bytes } of ofTopic) {
        if (events > 0) this.#sql.count.run(topic, hour, events, bytes)
      }
    }
    const last = slices.at(-1)
    if (last !== undefined) this.#sql.dropUpTo.run(part, last.topic, last.base)
    if (slices.length < SLICES_PER_TRANSACTION) this.reread()
  }

  /** Fills up the topic's last slice, then adds new ones. */
  #append(topic: number, ids: readonly number[]): void {
    const last = this.#sql.last.get(topic)
    const room = last === undefined ? 0 : SLICE_IDS - idsOf(last).length
    if (last !== undefined && room > 0) {
      this.#sql.extend.run(sliceOf(last.base, ids.slice(0, room)), topic, last.base)
    }
    for (let from = room; from < ids.length; from += SLICE_IDS) {
      const base = ids[from]!
      this.#sql.add.run(topic, base, sliceOf(base, ids.slice(from, from + SLICE_IDS)))
    }
  }
}

const prepare = (db: Database) => ({
  oldestPart: db.prepare<[], number | null>('SELECT min(part) FROM recent_slices').pluck(),
  slices: db.prepare<[part: number, limit: number], RecentSlice>(
    `SELECT topic, base, ids, hour, events, bytes FROM recent_slices WHERE part = ?
     ORDER BY topic, base LIMIT ?`,
  ),
  dropUpTo: db.prepare<[part: number, topic: number, base: number]>(
    'DELETE FROM recent_slices WHERE part = ? AND (topic, base) <= (?, ?)',
  ),
  last: db.prepare<[topic: number], Slice>(
    'SELECT base, ids FROM topic_slices WHERE topic = ? ORDER BY base DESC LIMIT 1',
  ),
  extend: db.prepare<[ids: string, topic: number, base: number]>(
    "UPDATE topic_slices SET ids = ids || ',' || ? WHERE topic = ? AND base = ?",
  ),
  add: db.prepare('INSERT INTO topic_slices (topic, base, ids) VALUES (?, ?, ?)'),
  count: db.prepare(
    `INSERT INTO topic_hours (topic, hour, events, bytes) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET events = events + excluded.events, bytes = bytes + excluded.bytes`,
  ),
})
