import SQLite from 'better-sqlite3'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { RowInsert } from '../../../src/journal/database/row-insert.ts'

it('inserts each row of a range once and in order, whatever the length of the range', () => {
  const db = new SQLite(':memory:')
  db.exec('CREATE TABLE t (place INTEGER PRIMARY KEY, a, b)')
  const insert = new RowInsert(db, 't', ['a', 'b'])
  fc.assert(
    fc.property(fc.nat(50), fc.nat(600), (from, length) => {
      insert.insert(from, from + length, (values, at, index) => {
        values[at] = index
        values[at + 1] = `row ${index}`
      })
      const rows = Array.from({ length }, (_, index) => [from + index, `row ${from + index}`])
      expect(db.prepare('SELECT a, b FROM t ORDER BY place').raw().all()).toEqual(rows)
      db.exec('DELETE FROM t')
    }),
  )
  db.close()
})
