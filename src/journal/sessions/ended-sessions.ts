// Deletes the rows of sessions that have ended, a bounded number per transaction: a session may have ten
// thousand subscriptions, and a hundred sessions may end together. The table `ended_sessions` lists them, so
// a new hub goes on where the previous one stopped.
//
// Always: nothing reads the rows of these sessions, and their numbers are not given out again before the rows
// are gone.

import type { Database } from 'better-sqlite3'
import type { Owed } from './owed.ts'

/** Looking up one session in every table costs as much as deleting so many rows. */
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

  /** Reads from the table whether a session is left: at the start, and after a rollback. */
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

  /** Deletes about `rows` rows, or does work of that cost. The caller holds a transaction. */
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
