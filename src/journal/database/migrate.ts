// Brings a database up to the schema of this program. Each migration is one transaction, which also writes
// its number.

import type { Database } from 'better-sqlite3'
import { JournalError } from './journal-error.ts'
import { MIGRATIONS } from '../migrations/all.ts'

/** "VIGI" as SQLite's application_id: distinguishes a journal from any other SQLite file. */
const APPLICATION_ID = 0x56494749

/**
 * Applies the migrations that the database lacks. Throws a JournalError for a file that is not a journal, or
 * newer.
 * @param path the path of the database, for messages to the operator
 */
export function migrate(db: Database, path: string, migrations = MIGRATIONS): void {
  const version = versionOf(db, path, migrations.length)
  for (const [index, migration] of migrations.entries()) {
    if (index < version) continue
    db.transaction(() => {
      db.exec(migration.sql)
      db.pragma(`application_id = ${APPLICATION_ID}`)
      db.pragma(`user_version = ${index + 1}`)
    }).exclusive()
  }
}

/** Throws a JournalError for a database that this program cannot read without migrating it. */
export function requireCurrent(db: Database, path: string): void {
  const version = versionOf(db, path, MIGRATIONS.length)
  if (version < MIGRATIONS.length) {
    throw new JournalError(
      `${path} was written by an older vigie (schema ${version}, this program reads ${MIGRATIONS.length}); ` +
        'start the hub once to bring it up to date.',
    )
  }
}

function versionOf(db: Database, path: string, newest: number): number {
  const version = db.pragma('user_version', { simple: true }) as number
  const application = db.pragma('application_id', { simple: true }) as number
  const empty = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0
  if (application !== APPLICATION_ID && !(application === 0 && empty)) {
    throw new JournalError(
      `${path} is an SQLite database, but not a journal of vigie; ` +
        'move it away, or choose another data folder.',
    )
  }
  if (version > newest) {
    throw new JournalError(
      `${path} was written by a newer vigie (schema ${version}, this program knows ${newest}); ` +
        'run that version, or choose another data folder.',
    )
  }
  return version
}
