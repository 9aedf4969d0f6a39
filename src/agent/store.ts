// What an agent keeps on its disk: what the hub has not acknowledged yet, in order, and what must outlive the
// agent (the states of its pings, the memories of its watches, the orders that it has taken).
//
// Always: what is kept is on the disk when the call returns. What there is no room for goes, the plots of
// latencies first, then the oldest; how much went is counted, and the hub is told.

import { randomUUID } from 'node:crypto'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import { OperatorError } from '../base/operator-error.ts'
import { messageOf } from '../base/printable.ts'
import type { Json } from '../model/json.ts'

/** One message that the hub has yet to acknowledge. */
export interface Unsaid {
  readonly n: number
  /** Below the root of the hub. */
  readonly topic: string
  readonly payload: Json
}

export interface StoreOptions {
  /** Messages that are kept for the hub; by default 20,000, some 10 MB. */
  readonly most?: number
}

const MOST = 20_000

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS kept (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS unsaid (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    is_state INTEGER NOT NULL,
    topic TEXT NOT NULL,
    payload TEXT NOT NULL
  );
  CREATE INDEX IF NOT EXISTS unsaid_by_worth ON unsaid (is_state, n);
`

export class AgentStore {
  readonly #db: SQLite.Database
  readonly #most: number
  readonly #statements: ReturnType<typeof prepare>
  /** Names this store: the numbers of another one are others. */
  readonly id: string

  private constructor(db: SQLite.Database, { most = MOST }: StoreOptions) {
    this.#db = db
    this.#most = most
    this.#statements = prepare(db)
    const known = this.kept('store')
    this.id = typeof known === 'string' ? known : randomUUID()
    if (known === undefined) this.keep('store', this.id)
  }

  /** Throws an OperatorError when the folder cannot be used, or another agent uses it. */
  static open(dir: string, options: StoreOptions = {}): AgentStore {
    const path = join(dir, 'agent.db')
    try {
      mkdirSync(dir, { recursive: true, mode: 0o700 })
      closeSync(openSync(path, 'a', 0o600))
      const db = new SQLite(path, { timeout: 0 })
      // Held until the end: two agents would say the same numbers twice.
      db.pragma('locking_mode = EXCLUSIVE')
      db.pragma('journal_mode = WAL')
      db.pragma('synchronous = FULL')
      db.exec(SCHEMA)
      return new AgentStore(db, options)
    } catch (error) {
      const isBusy = (error as { readonly code?: string }).code === 'SQLITE_BUSY'
      const why = isBusy ? 'another agent uses it; give each its own with --data' : messageOf(error)
      throw new OperatorError(`The data folder ${dir} cannot be used: ${why}.`)
    }
  }

  kept(key: string): Json | undefined {
    const text = this.#statements.kept.get(key)
    return text === undefined ? undefined : (JSON.parse(text) as Json)
  }

  /** @param value `null` forgets */
  keep(key: string, value: Json): void {
    if (value === null) this.#statements.forget.run(key)
    else this.#statements.keep.run(key, JSON.stringify(value))
  }

  /** Keys that begin so, in their order. */
  keysUnder(prefix: string): string[] {
    return this.#statements.keys.all(prefix, prefix)
  }

  /**
   * Keeps a message until the hub has it; a state also as the newest of its topic (`state <topic>`).
   * @returns its number
   */
  say(topic: string, payload: Json, isState: boolean): number {
    const { say, count, least, drop } = this.#statements
    return this.#db.transaction(() => {
      if (isState) this.keep(`state ${topic}`, payload)
      if ((count.get() ?? 0) >= this.#most) {
        drop.run(least.get())
        this.keep('lost', this.lost + 1)
      }
      return Number(
        say.run(topic.endsWith('/minute') ? 0 : 1, topic, JSON.stringify(payload)).lastInsertRowid,
      )
    })()
  }

  /** The oldest message that the hub has not acknowledged. */
  next(): Unsaid | undefined {
    const row = this.#statements.next.get()
    return row && { ...row, payload: JSON.parse(row.payload) as Json }
  }

  /** The hub has acknowledged it. */
  said(n: number): void {
    this.#statements.drop.run(n)
  }

  /** How many messages there was no room for, since the store was made. */
  get lost(): number {
    const lost = this.kept('lost')
    return typeof lost === 'number' ? lost : 0
  }

  close(): void {
    this.#db.close()
  }
}

const prepare = (db: SQLite.Database) => ({
  kept: db.prepare<[string], string>('SELECT value FROM kept WHERE key = ?').pluck(),
  keep: db.prepare('INSERT INTO kept VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value'),
  forget: db.prepare('DELETE FROM kept WHERE key = ?'),
  keys: db
    .prepare<[string, string], string>(
      'SELECT key FROM kept WHERE substr(key, 1, length(?)) = ? ORDER BY key',
    )
    .pluck(),
  say: db.prepare('INSERT INTO unsaid (is_state, topic, payload) VALUES (?, ?, ?)'),
  count: db.prepare<[], number>('SELECT count(*) FROM unsaid').pluck(),
  least: db.prepare<[], number>('SELECT n FROM unsaid ORDER BY is_state, n LIMIT 1').pluck(),
  next: db.prepare<[], { readonly n: number; readonly topic: string; readonly payload: string }>(
    'SELECT n, topic, payload FROM unsaid ORDER BY n LIMIT 1',
  ),
  drop: db.prepare('DELETE FROM unsaid WHERE n = ?'),
})
