// Opens the database file: for the one writer, and read-only for everybody else.

import SQLite from 'better-sqlite3'
import { closeSync, existsSync, openSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import { messageOf } from '../../base/printable.ts'
import { codeOf, JournalError } from './journal-error.ts'
import { migrate, requireCurrent } from './migrate.ts'

const MIB = 2 ** 20

/** In the data folder. */
export const DATABASE_FILE = 'journal.db'
export const databasePath = (dataDir: string): string => join(dataDir, DATABASE_FILE)

/** Migrated and ready to be written. The caller holds the folder's lock. */
export function openForWriting(dataDir: string): Database {
  const path = databasePath(dataDir)
  return explained(path, () => {
    keepPrivate(path)
    const db = new SQLite(path)
    try {
      // Before the first table: lets pruning give back pages in small steps.
      db.pragma('auto_vacuum = INCREMENTAL')
      db.pragma('journal_mode = WAL')
      migrate(db, path)
      // Small checkpoints keep the tail of the commit latency low: 4,000 pages cost 68 ms at the 99th percentile, 500 cost 6.5 ms.
      db.pragma('wal_autocheckpoint = 500')
      db.pragma(`journal_size_limit = ${16 * MIB}`)
      db.pragma(`cache_size = -${(32 * MIB) / 1024}`)
      db.pragma('temp_store = MEMORY')
      // SQLite keeps the order of log and database on the disk; when the log has to be there, wal.ts decides.
      db.pragma('synchronous = NORMAL')
      return db
    } catch (error) {
      db.close()
      throw error
    }
  })
}

/** What devices say is for the hub's user alone, whatever the folder allows. SQLite gives its other files the same mode. */
function keepPrivate(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch {
    // It is there already, or cannot be: then SQLite says why.
  }
}

/** Sees what is committed, whether the hub runs or not. */
export function openForReading(dataDir: string): Database {
  const path = databasePath(dataDir)
  if (!existsSync(path)) {
    throw new JournalError(
      `There is no journal in ${dataDir} yet; start the hub with this data folder, or name another with --data.`,
    )
  }
  return explained(path, () => {
    const db = new SQLite(path, { readonly: true, fileMustExist: true })
    try {
      requireCurrent(db, path)
      return db
    } catch (error) {
      db.close()
      throw error
    }
  })
}

function explained<T>(path: string, open: () => T): T {
  try {
    return open()
  } catch (error) {
    if (error instanceof JournalError) throw error
    const code = codeOf(error)
    if (code.startsWith('SQLITE_NOTADB') || code.startsWith('SQLITE_CORRUPT')) {
      throw new JournalError(
        `${path} is damaged (${messageOf(error)}); restore it from a backup, or move it and its -wal file away to begin with an empty history.`,
        { cause: error },
      )
    }
    if (code.startsWith('SQLITE_CANTOPEN') || code.startsWith('SQLITE_READONLY') || code === 'SQLITE_PERM') {
      throw new JournalError(
        `${path} cannot be opened (${messageOf(error)}); see that this user may read and write the folder.`,
        { cause: error },
      )
    }
    if (code === 'SQLITE_FULL') {
      throw new JournalError(`The disk of ${path} is full; make room and start again.`, { cause: error })
    }
    throw error
  }
}
