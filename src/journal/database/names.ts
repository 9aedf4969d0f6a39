// The database stores each topic, client id and rule name once, and uses its number elsewhere. Two caches
// hold the numbers: one for the writer, which adds new names, and one for readers.

import type { Database } from 'better-sqlite3'

/** A cache that has grown to this many names is cleared: this bounds its memory. */
const MOST_NAMES = 200_000

type Table = 'topics' | 'clients' | 'rules'

/** Finds the number of a name, and adds a row for a new name. */
export class NameNumbers {
  readonly #known = new Map<string, number>()
  readonly #find
  readonly #add

  constructor(db: Database, table: Table) {
    this.#find = db.prepare<[string], number>(`SELECT id FROM ${table} WHERE name = ?`).pluck()
    this.#add =
      table === 'clients'
        ? db.prepare('INSERT INTO clients (name, last_event) VALUES (?, ?)')
        : db.prepare(`INSERT INTO ${table} (name) VALUES (?)`)
  }

  /** @param extra the values of a new row besides its name */
  of(name: string, ...extra: number[]): number {
    let number = this.#known.get(name)
    if (number === undefined) {
      number = this.#find.get(name) ?? Number(this.#add.run(name, ...extra).lastInsertRowid)
      if (this.#known.size >= MOST_NAMES) this.#known.clear()
      this.#known.set(name, number)
    }
    return number
  }

  /** Removes a name whose row was deleted. */
  drop(name: string): void {
    this.#known.delete(name)
  }

  /** Drops all names after a rollback: rows that were added may be gone. */
  clear(): void {
    this.#known.clear()
  }
}

/** Finds the name of a number, and the number of a name, among the rows that exist. */
export class Names {
  readonly #names = new Map<number, string>()
  readonly #name
  readonly #number

  constructor(db: Database, table: Table) {
    this.#name = db.prepare<[number], string>(`SELECT name FROM ${table} WHERE id = ?`).pluck()
    this.#number = db.prepare<[string], number>(`SELECT id FROM ${table} WHERE name = ?`).pluck()
  }

  name(number: number): string {
    let name = this.#names.get(number)
    if (name === undefined) {
      name = this.#name.get(number) ?? ''
      if (this.#names.size >= MOST_NAMES) this.#names.clear()
      this.#names.set(number, name)
    }
    return name
  }

  /** Looks up the table each time, since the name may be added later. */
  number(name: string): number | undefined {
    return this.#number.get(name)
  }
}
