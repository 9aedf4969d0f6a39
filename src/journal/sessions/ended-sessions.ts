// Removes what is left of sessions that have ended, in steps of bounded rows: one may have had ten thousand subscriptions, and a
// hundred may end together. Which they are stands in the journal, so a hub that starts goes on where the one before it stopped.
//
// Always: nobody reads of these sessions any more, and their numbers are not given again before they are gone from here.

import type { Database } from 'better-sqlite3'
import type { Owed } from './owed.ts'

/** A look at every table for one session costs as much as so many rows. */
const SESSION_ROWS = 20
const TABLES = ['subscriptions', 'past_subscriptions', 'handshakes_in', 'handshakes_out', 'fed']

export class EndedSessions {
  readonly #owed: Owed
  readonly #sql
  #isDue = false

  constructor(db: Database, owed: Owed) {
    this.#owed = owed
    this.#sql = prepare(db)
    this.reread()
  }

  /** At the start, and after a rollback. */
  reread(): void {
    this.#isDue = this.#sql.oldest.get() !== undefined
  }

  get isDue(): boolean {
    return this.#isDue
  }

  add(session: number): void {
    this.#sql.add.run(session)
    this.#isDue = true
  }

  /** Within a transaction. Removes about so many rows, or what costs as much. */
  advance(rows: number): void {
    for (let left = rows; left > 0; left -= SESSION_ROWS) {
      const session = this.#sql.oldest.get()
      if (session === undefined) break
      left -= this.#owed.dropClaims(session, left)
      for (const remove of this.#sql.remove) left -= remove.run(session, left).changes
      if (left > 0) this.#sql.gone.run(session)
    }
    this.reread()
  }
}

const prepare = (db: Database) => ({
  oldest: db.prepare<[], number>('SELECT number FROM ended_sessions ORDER BY number LIMIT 1').pluck(),
  add: db.prepare<[number]>('INSERT OR IGNORE INTO ended_sessions VALUES (?)'),
  remove: TABLES.map((table) =>
    db.prepare<[session: number, limit: number]>(`DELETE FROM ${table} WHERE session = ? LIMIT ?`),
  ),
  gone: db.prepare<[number]>('DELETE FROM ended_sessions WHERE number = ?'),
})
