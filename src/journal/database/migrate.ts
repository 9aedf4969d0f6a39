// Brings a database up to the schema of this program: each migration in a transaction of its own, together with its number.

import type { Database } from 'better-sqlite3'
import { JournalError } from './journal-error.ts'
import { MIGRATIONS } from '../migrations/all.ts'

/** "VIGI": tells a journal from any other SQLite file. */
const APPLICATION_ID = 0x56494749

/** @param path of the file, for the sentences */
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

/** Refuses a database that this program cannot read as it stands. */
export function requireCurrent(db: Database, path: string): void {
  const version = versionOf(db, path, MIGRATIONS.length)
  if (version < MIGRATIONS.length) {
    throw new JournalError(
      `${path} was written by an older vigie (schema ${version}, this program reads ${MIGRATIONS.length}); start the hub once to bring it up to date.`,
    )
  }
}

function versionOf(db: Database, path: string, newest: number): number {
  const version = db.pragma('user_version', { simple: true }) as number
  const application = db.pragma('application_id', { simple: true }) as number
  const empty = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0
  if (application !== APPLICATION_ID && !(application === 0 && empty)) {
    throw new JournalError(
      `${path} is an SQLite database, but not a journal of vigie; move it away, or choose another data folder.`,
    )
  }
  if (version > newest) {
    throw new JournalError(
      `${path} was written by a newer vigie (schema ${version}, this program knows ${newest}); run that version, or choose another data folder.`,
    )
  }
  return version
}
