// The lock on the data folder: one hub at a time. It is a lock that SQLite holds on a file of its own, which the kernel drops
// with the process, however that ends: no stale lock, and no pid that now means something else.

import SQLite from 'better-sqlite3'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../base/printable.ts'
import { codeOf, JournalError } from './journal-error.ts'

/** Takes the folder (and makes it if need be) until the returned function is called. Throws a JournalError that names the holder. */
export function lockFolder(dataDir: string): () => void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new JournalError(`The data folder ${dataDir} cannot be made: ${messageOf(error)}.`, {
      cause: error,
    })
  }
  const path = join(dataDir, 'hub.lock')
  let db
  try {
    db = new SQLite(path, { timeout: 0 })
    db.exec('CREATE TABLE IF NOT EXISTS holder (pid INTEGER NOT NULL, since TEXT NOT NULL)')
    db.transaction(() => {
      db!.exec('DELETE FROM holder')
      db!.prepare('INSERT INTO holder VALUES (?, ?)').run(process.pid, new Date().toISOString())
    }).immediate()
    // An open write transaction is the lock; others can still read who holds it.
    db.exec('BEGIN IMMEDIATE')
    const held = db
    return () => held.close()
  } catch (error) {
    const holder = codeOf(error).startsWith('SQLITE_BUSY') ? holderOf(path) : undefined
    db?.close()
    if (holder !== undefined) {
      throw new JournalError(
        `The data folder ${dataDir} is in use by another hub (${holder}); stop that one, or choose another folder with --data.`,
        { cause: error },
      )
    }
    throw new JournalError(`The data folder ${dataDir} cannot be locked: ${messageOf(error)}.`, {
      cause: error,
    })
  }
}

function holderOf(path: string): string {
  try {
    const db = new SQLite(path, { readonly: true, timeout: 100 })
    try {
      const row = db.prepare<[], { pid: number; since: string }>('SELECT pid, since FROM holder').get()
      return row ? `pid ${row.pid}, since ${row.since}` : 'just starting'
    } finally {
      db.close()
    }
  } catch {
    return 'just starting'
  }
}
