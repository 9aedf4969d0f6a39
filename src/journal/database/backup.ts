// Copies the database while a hub writes it. The copy shows one moment: it is made within one read transaction,
// so what is committed meanwhile neither enters it nor makes it begin again. The write-ahead log cannot shrink
// until the copy is made.

import SQLite from 'better-sqlite3'
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { JournalError } from './journal-error.ts'
import { explained, openForReading } from './open.ts'

export interface BackupOptions {
  /** Whether a file of this name is replaced; otherwise it is refused. */
  readonly isReplacing: boolean
  readonly progress: (pages: number, ofPages: number) => void
}

export interface Backup {
  readonly bytes: number
  readonly events: number
  /** The newest event in it; 0 for none. */
  readonly lastEventId: number
}

/** Pages that are copied before the progress is told: 4 MiB. */
const PAGES_AT_ONCE = 1_024

/**
 * Writes a copy of the database to `file`, and checks it. The file appears whole or not at all.
 * @throws JournalError when the file exists or cannot be written, and when the copy is damaged
 */
export async function backUp(
  dataDir: string,
  file: string,
  { isReplacing, progress }: BackupOptions,
): Promise<Backup> {
  if (!isReplacing && existsSync(file))
    throw new JournalError(`${file} exists. Name another file, or replace this one with --force.`)
  const draft = `${file}.${process.pid}.partial`
  try {
    createPrivate(draft)
    await copyTo(draft, dataDir, progress)
    const backup = explained(draft, () => checked(draft))
    sync(draft)
    renameSync(draft, file)
    sync(dirname(file))
    return backup
  } finally {
    for (const end of ['', '-journal', '-wal', '-shm']) rmSync(draft + end, { force: true })
  }
}

/** Only the hub's user may read it, as with the database itself. */
function createPrivate(file: string): void {
  explained(file, () => closeSync(openSync(file, 'w', 0o600)))
}

async function copyTo(draft: string, dataDir: string, progress: BackupOptions['progress']): Promise<void> {
  const source = openForReading(dataDir)
  try {
    source.exec('BEGIN')
    // The transaction shows the moment of its first read.
    source.prepare('SELECT cursor FROM journal').get()
    await source.backup(draft, {
      progress({ totalPages, remainingPages }) {
        progress(totalPages - remainingPages, totalPages)
        return PAGES_AT_ONCE
      },
    })
  } catch (error) {
    explained(draft, () => {
      throw error
    })
  } finally {
    source.close()
  }
}

function checked(draft: string): Backup {
  const db = new SQLite(draft)
  try {
    // With a write-ahead log, another file would have to be copied along.
    db.pragma('journal_mode = DELETE')
    const found = db.pragma('integrity_check', { simple: true }) as string
    if (found !== 'ok') throw new JournalError(`The copy is damaged, and was not kept: ${found}`)
    const counts = db
      .prepare<[], Pick<Backup, 'events' | 'lastEventId'>>(
        'SELECT count(*) AS events, coalesce(max(id), 0) AS lastEventId FROM events',
      )
      .get()!
    return { ...counts, bytes: statSync(draft).size }
  } finally {
    db.close()
  }
}

function sync(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
