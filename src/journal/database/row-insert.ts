// Inserts many rows into one table with few statements: in a statement of 256 rows, a row costs less than
// half.

import type { Database, Statement } from 'better-sqlite3'

/** Rows per statement, most first. */
const SIZES = [256, 32, 4, 1]

export class RowInsert {
  readonly #columns: number
  readonly #statements: readonly { readonly rows: number; readonly statement: Statement }[]

  constructor(db: Database, table: string, columns: readonly string[]) {
    const row = `(${columns.map(() => '?').join(', ')})`
    const into = `INSERT INTO ${table} (${columns.join(', ')}) VALUES`
    this.#columns = columns.length
    this.#statements = SIZES.map((rows) => ({
      rows,
      statement: db.prepare(`${into} ${Array(rows).fill(row).join(', ')}`),
    }))
  }

  /** @param put sets the values of row `index`, in the order of the columns, from `at` on */
  insert(from: number, to: number, put: (values: unknown[], at: number, index: number) => void): void {
    let index = from
    for (const { rows, statement } of this.#statements) {
      if (index + rows > to) continue
      // The array has its full length from the start: growing it would cost a tenth of the insert.
      const values = Array<unknown>(rows * this.#columns)
      while (index + rows <= to) {
        for (let at = 0; at < values.length; at += this.#columns) put(values, at, index++)
        statement.run(values)
      }
    }
  }
}
