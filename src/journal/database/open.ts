// Opens the database: for the one writer, and read-only for everyone else.

import SQLite from 'better-sqlite3'
import { closeSync, existsSync, openSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import { messageOf } from '../../base/printable.ts'
import { systemReason } from '../../base/system-reason.ts'
import { damageOf } from './damage.ts'
import { codeOf, JournalError } from './journal-error.ts'
import { migrate, requireCurrent } from './migrate.ts'

const MIB = 2 ** 20

/** The name of the database in the data folder. */
export const DATABASE_FILE = 'journal.db'
export const databasePath = (dataDir: string): string => join(dataDir, DATABASE_FILE)

/**
 * Opens the database for writing and migrates it. The caller holds the folder's lock. Throws a JournalError
 * when the database cannot be used.
 * @param look is called before anything is written
 */
export function openForWriting(dataDir: string, look: (db: Database) => void = () => {}): Database {
  const path = databasePath(dataDir)
  return explained(path, () => {
    refuseDamaged(path)
    createPrivate(path)
    const db = new SQLite(path)
    try {
      look(db)
      // Must precede the first table: pruning can then give pages back a few at a time.
      db.pragma('auto_vacuum = INCREMENTAL')
      db.pragma('journal_mode = WAL')
      migrate(db, path)
      // Small checkpoints keep the tail of the commit latency low: 4,000 pages cost 68 ms at the 99th
      // percentile, 500 cost 6.5 ms.
      db.pragma('wal_autocheckpoint = 500')
      db.pragma(`journal_size_limit = ${16 * MIB}`)
      db.pragma(`cache_size = -${(32 * MIB) / 1024}`)
      db.pragma('temp_store = MEMORY')
      // SQLite orders the writes of log and database on the disk; wal.ts decides when the log must be there.
      db.pragma('synchronous = NORMAL')
      return db
    } catch (error) {
      db.close()
      throw error
    }
  })
}

/**
 * Creates the file so that only the hub's user can read it, whatever the folder allows. SQLite gives its
 * other files the same mode.
 */
function createPrivate(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch {
    // The file exists already, or it cannot be created, and then SQLite says why.
  }
}

/**
 * Opens the database for reading, whether the hub runs or not. Throws a JournalError when there is none, or
 * none that this program reads.
 */
export function openForReading(dataDir: string): Database {
  const path = databasePath(dataDir)
  if (!existsSync(path)) {
    throw new JournalError(
      `There is no journal in ${dataDir} yet; ` +
        'start the hub with this data folder, or name another with --data.',
    )
  }
  return explained(path, () => {
    refuseDamaged(path)
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

function refuseDamaged(path: string): void {
  const damage = damageOf(path)
  if (damage !== null) throw new JournalError(damagedSentence(path, damage))
}

const damagedSentence = (path: string, damage: string): string =>
  `${damage}; nothing was changed. Restore a backup, or move the file and its -wal and -shm away (to ` +
  `${path}.damaged, say) to begin with an empty history: "sqlite3 ${path}.damaged .recover" then reads ` +
  'what is left. See docs/durability.md.'

/**
 * Calls `act`; turns an error of SQLite or the system into a JournalError with a sentence for the operator.
 */
export function explained<T>(path: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (error instanceof JournalError) throw error
    const code = codeOf(error)
    const why = messageOf(error)
    if (code.startsWith('SQLITE_NOTADB') || code.startsWith('SQLITE_CORRUPT'))
      throw new JournalError(damagedSentence(path, `${path} is damaged (${why})`), { cause: error })
    if (code.startsWith('SQLITE_IOERR') || code === 'EIO') {
      throw new JournalError(`The disk of ${path} reports an error (${why}); see the system log.`, {
        cause: error,
      })
    }
    if (/^(?:SQLITE_CANTOPEN|SQLITE_READONLY|SQLITE_PERM$|EACCES$|EPERM$|EROFS$)/.test(code)) {
      throw new JournalError(`${path} cannot be opened (${why}); let this user read and write the folder.`, {
        cause: error,
      })
    }
    if (code === 'SQLITE_FULL' || code === 'ENOSPC')
      throw new JournalError(`The disk of ${path} is full; make room and start again.`, { cause: error })
    const reason = systemReason(error)
    if (reason !== undefined) throw new JournalError(`${path} cannot be opened: ${reason}.`, { cause: error })
    throw error
  }
}
