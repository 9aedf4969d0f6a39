import { statSync } from 'node:fs'
import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import { expect, it, onTestFinished } from 'vitest'
import { Wal } from '../../../src/journal/database/wal.ts'
import type { Durability } from '../../../src/journal/database/wal.ts'
import { temporaryFolder } from '../fixtures.ts'

function open(durability: Durability) {
  const path = join(temporaryFolder(), 'file.db')
  const db = new SQLite(path, { timeout: 0 })
  onTestFinished(() => void db.close())
  db.pragma('journal_mode = WAL')
  db.exec('CREATE TABLE t (a)')
  const reader = new SQLite(path, { readonly: true })
  onTestFinished(() => void reader.close())
  const logBytes = (): number => statSync(`${path}-wal`).size
  return { db, reader, wal: new Wal(db, durability), logBytes }
}

it('leaves the log where it is as long as the disk takes it', () => {
  for (const durability of ['full', 'normal'] as const) {
    const { wal, logBytes } = open(durability)
    const before = logBytes()
    wal.sync()
    expect(logBytes()).toBe(before)
    wal.close()
  }
})

it('throws when the log cannot be brought to the disk, and moves all of it to the database then', () => {
  const { db, wal, logBytes } = open('full')
  wal.close() // the next sync of its file fails
  expect(() => wal.sync()).toThrow('EBADF')
  db.exec('INSERT INTO t VALUES (1)')
  expect(logBytes()).toBeGreaterThan(0)
  wal.sync()
  expect(logBytes()).toBe(0)
})

it('counts nothing as safe after a failure while a reader keeps the log from being moved', () => {
  const { db, reader, wal, logBytes } = open('full')
  reader.exec('BEGIN')
  reader.prepare('SELECT * FROM t').all()
  db.exec('INSERT INTO t VALUES (1)')
  wal.close()
  expect(() => wal.sync()).toThrow('EBADF')
  expect(() => wal.sync()).toThrow('cannot be emptied while somebody reads it')
  reader.exec('COMMIT')
  wal.sync()
  expect(logBytes()).toBe(0)
})
