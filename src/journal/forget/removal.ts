// Deletes events and runs with everything that refers to them: their place in the index and its counts,
// verdicts, runs. Foreign keys delete steps and attempts with their run. Lists of ids travel as JSON.

import type { Database } from 'better-sqlite3'
import { RECORDED } from '../events/event-flags.ts'
import { idsOf, partOf, sliceOf } from '../events/slices.ts'
import type { Slice } from '../events/slices.ts'
import type { BridgeRows } from '../bridges/bridge-rows.ts'

/**
 * Spares the newest run: the next run gets the number after it, so without it two runs could have one number.
 */
export const NOT_NEWEST_RUN = 'runs.id < (SELECT max(id) FROM runs)'

/** The numbers in a parameter that is a JSON array, as a table. */
export const LISTED = '(SELECT value FROM json_each(?))'

/** The condition that an event has a run in one of these states. */
export const HAS_RUN = (states: string): string =>
  `EXISTS (SELECT 1 FROM runs WHERE runs.event = events.id AND runs.state IN (${states}))`

/** The states of an open run, for SQL. */
export const OPEN = `'planned', 'running'`

export class Removal {
  readonly #sql
  readonly #bridges: Pick<BridgeRows, 'willForget'>

  constructor(db: Database, bridges: Pick<BridgeRows, 'willForget'>) {
    this.#sql = prepare(db)
    this.#bridges = bridges
  }

  /** Deletes events with their verdicts and ended runs. */
  events(ids: readonly number[]): void {
    this.#bridges.willForget(ids)
    const list = JSON.stringify(ids)
    this.#sql.dropVerdicts.run(list)
    this.#sql.dropRunsOf.run(list)
    this.#drop(list)
  }

  /** Deletes events, but not their runs, nor the verdicts of an event with a run. */
  eventsOnly(ids: readonly number[]): void {
    this.#bridges.willForget(ids)
    const list = JSON.stringify(ids)
    this.#sql.dropVerdictsWithoutRun.run(list)
    this.#drop(list)
  }

  /** Deletes runs with the verdicts of their events. */
  runs(ids: readonly number[]): void {
    const list = JSON.stringify(ids)
    this.#sql.dropVerdictsOfRuns.run(list)
    this.#sql.dropRuns.run(list)
  }

  #drop(list: string): void {
    this.#sql.uncount.run(list)
    const events = this.#sql.topics.all(list)
    for (const [topic, ofTopic] of Map.groupBy(events, (event) => event.topic)) {
      this.#unindex(
        topic,
        ofTopic.map(({ id }) => id),
      )
    }
    this.#sql.dropEvents.run(list)
  }

  /** Removes these ids, ascending, from the topic's slices. */
  #unindex(topic: number, gone: readonly number[]): void {
    for (let next = 0; next < gone.length;) {
      const id = gone[next]!
      const { part, slice } = this.#sliceWith(topic, id)
      const ids = slice === undefined ? [id] : idsOf(slice)
      const last = ids.at(-1)!
      const going = new Set<number>()
      for (; next < gone.length && gone[next]! <= last; next++) going.add(gone[next]!)
      if (slice === undefined) continue
      const left = ids.filter((each) => !going.has(each))
      if (part === null) this.#writeCompacted(topic, slice.base, left)
      else this.#writeRecent(part, topic, slice.base, left)
    }
  }

  /** Finds the slice that holds an event; none for an event that the index does not know. */
  #sliceWith(topic: number, id: number): { part: number | null; slice: Slice | undefined } {
    const part = partOf(id)
    const recent = this.#sql.recentWith.get(part, topic, id)
    if (recent !== undefined && idsOf(recent).includes(id)) return { part, slice: recent }
    const compacted = this.#sql.compactedWith.get(topic, id)
    const isIndexed = compacted !== undefined && idsOf(compacted).includes(id)
    return { part: null, slice: isIndexed ? compacted : undefined }
  }

  #writeCompacted(topic: number, base: number, left: readonly number[]): void {
    if (left.length === 0) this.#sql.dropCompacted.run(topic, base)
    else this.#sql.updateCompacted.run(sliceOf(base, left), topic, base)
  }

  /** Writes what is left of a recent slice. Its counts stay when all of its events are gone. */
  #writeRecent(part: number, topic: number, base: number, left: readonly number[]): void {
    if (left.length > 0) return void this.#sql.updateRecent.run(sliceOf(base, left), part, topic, base)
    this.#sql.moveCount.run(part, topic, base)
    this.#sql.dropRecent.run(part, topic, base)
  }
}

const prepare = (db: Database) => ({
  uncount: db.prepare<[string]>(
    `UPDATE journal SET indexed_events = indexed_events - (
       SELECT count(*) FROM events WHERE id IN ${LISTED} AND flags & ${RECORDED} AND id <= indexed_to)`,
  ),
  topics: db.prepare<[string], { id: number; topic: number }>(
    `SELECT id, topic FROM events
     WHERE id IN ${LISTED} AND id <= (SELECT indexed_to FROM journal) ORDER BY id`,
  ),
  recentWith: db.prepare<[part: number, topic: number, id: number], Slice>(
    `SELECT base, ids FROM recent_slices
     WHERE part = ? AND topic = ? AND base <= ? ORDER BY base DESC LIMIT 1`,
  ),
  compactedWith: db.prepare<[topic: number, id: number], Slice>(
    'SELECT base, ids FROM topic_slices WHERE topic = ? AND base <= ? ORDER BY base DESC LIMIT 1',
  ),
  updateCompacted: db.prepare('UPDATE topic_slices SET ids = ? WHERE topic = ? AND base = ?'),
  dropCompacted: db.prepare('DELETE FROM topic_slices WHERE topic = ? AND base = ?'),
  updateRecent: db.prepare('UPDATE recent_slices SET ids = ? WHERE part = ? AND topic = ? AND base = ?'),
  moveCount: db.prepare(
    `INSERT INTO topic_hours SELECT topic, hour, events, bytes FROM recent_slices
     WHERE part = ? AND topic = ? AND base = ? AND events > 0
     ON CONFLICT DO UPDATE SET events = events + excluded.events, bytes = bytes + excluded.bytes`,
  ),
  dropRecent: db.prepare('DELETE FROM recent_slices WHERE part = ? AND topic = ? AND base = ?'),
  dropEvents: db.prepare<[string]>(`DELETE FROM events WHERE id IN ${LISTED}`),
  dropVerdicts: db.prepare<[string]>(`DELETE FROM verdicts WHERE event IN ${LISTED}`),
  dropVerdictsWithoutRun: db.prepare<[string]>(
    `DELETE FROM verdicts WHERE event IN ${LISTED} AND event NOT IN (SELECT event FROM runs)`,
  ),
  dropVerdictsOfRuns: db.prepare<[string]>(
    `DELETE FROM verdicts WHERE event IN (SELECT event FROM runs WHERE id IN ${LISTED})`,
  ),
  dropRuns: db.prepare<[string]>(`DELETE FROM runs WHERE id IN ${LISTED}`),
  dropRunsOf: db.prepare<[string]>(
    `DELETE FROM runs WHERE event IN ${LISTED} AND state NOT IN (${OPEN}) AND ${NOT_NEWEST_RUN}`,
  ),
})
