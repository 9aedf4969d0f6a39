// Takes events and runs out of the journal with all that hangs on them: the index and its count, verdicts, runs. Steps and
// attempts go with their run by foreign keys. Lists of ids travel as JSON.

import type { Database } from 'better-sqlite3'
import { RECORDED } from './event-flags.ts'

/** The number after it is the next run's: were it forgotten, two runs would have one number. */
export const NOT_NEWEST_RUN = 'runs.id < (SELECT max(id) FROM runs)'

export class Removal {
  readonly #sql

  constructor(db: Database) {
    this.#sql = prepare(db)
  }

  /** With their verdicts and ended runs. */
  events(ids: readonly number[]): void {
    const list = JSON.stringify(ids)
    this.#sql.dropVerdicts.run(list)
    this.#sql.dropRunsOf.run(list)
    this.#drop(list)
  }

  /** Their runs stay, and the verdicts of those that have one. */
  eventsOnly(ids: readonly number[]): void {
    const list = JSON.stringify(ids)
    this.#sql.dropVerdictsWithoutRun.run(list)
    this.#drop(list)
  }

  /** With the verdicts that stayed for their sake. */
  runs(ids: readonly number[]): void {
    const list = JSON.stringify(ids)
    this.#sql.dropVerdictsOfRuns.run(list)
    this.#sql.dropRuns.run(list)
  }

  #drop(list: string): void {
    this.#sql.uncount.run(list)
    this.#sql.dropIndex.run(list)
    this.#sql.dropEvents.run(list)
  }
}

const LISTED = '(SELECT value FROM json_each(?))'

const prepare = (db: Database) => ({
  uncount: db.prepare<[string]>(
    `UPDATE journal SET indexed_events = indexed_events - (
       SELECT count(*) FROM events WHERE id IN ${LISTED} AND flags & ${RECORDED} AND id <= indexed_to)`,
  ),
  dropIndex: db.prepare<[string]>(
    `DELETE FROM topic_events WHERE (topic, id) IN (SELECT topic, id FROM events WHERE id IN ${LISTED})`,
  ),
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
    `DELETE FROM runs WHERE event IN ${LISTED} AND state NOT IN ('planned', 'running') AND ${NOT_NEWEST_RUN}`,
  ),
})
