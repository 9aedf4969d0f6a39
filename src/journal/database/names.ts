// Topics, client ids and rules are stored once and are numbers elsewhere. Two caches of that: one for the writer, which adds
// names as they come, and one for readers.

import type { Database } from 'better-sqlite3'

/** More are forgotten and looked up again: bounds the memory. */
const MOST_NAMES = 200_000

type Table = 'topics' | 'clients' | 'rules'

/** name → number, adding what is new. */
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

  /** @param extra what a new row holds besides its name */
  of(name: string, ...extra: number[]): number {
    let number = this.#known.get(name)
    if (number === undefined) {
      number = this.#find.get(name) ?? Number(this.#add.run(name, ...extra).lastInsertRowid)
      if (this.#known.size >= MOST_NAMES) this.#known.clear()
      this.#known.set(name, number)
    }
    return number
  }

  /** Its row was deleted. */
  drop(name: string): void {
    this.#known.delete(name)
  }

  /** After a rollback: what is remembered may not be there. */
  clear(): void {
    this.#known.clear()
  }
}

/** number → name and back, of what is there. */
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

  /** Not remembered when there is none: it may come. */
  number(name: string): number | undefined {
    return this.#number.get(name)
  }
}
