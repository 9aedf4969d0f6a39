// The lock on the data folder allows one hub at a time. It is an SQLite lock on a file of its own, which the
// kernel releases when the process ends in any way: no lock becomes stale, and no pid decides. A note beside
// the file holds the pid of the holder for the error message; only the holder writes it.

import SQLite from 'better-sqlite3'
import {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from '../../base/make-folder.ts'
import { messageOf } from '../../base/printable.ts'
import { codeOf, JournalError } from './journal-error.ts'
import { OpenFiles } from './open-files.ts'

/**
 * Locks the folder, and creates it if necessary, until the returned function is called. Throws a JournalError
 * that names the holder.
 */
export function lockFolder(dataDir: string): () => void {
  const path = join(dataDir, 'hub.lock')
  const note = join(dataDir, 'hub.pid')
  let lock: SQLite.Database | undefined
  try {
    makeFolder(dataDir)
    // The error says why; SQLite's says only that it could not open a file.
    accessSync(dataDir, constants.W_OK | constants.X_OK)
    const isNew = !existsSync(path)
    lock = new SQLite(path, { timeout: 0 })
    lock.exec('BEGIN IMMEDIATE')
    if (isNew) refuseWhatWasRemoved(dataDir, path)
    writeFileSync(note, `${process.pid}\n`)
  } catch (error) {
    lock?.close()
    throw error instanceof JournalError ? error : explained(dataDir, path, note, error)
  }
  const held = lock
  const files = new OpenFiles([path])
  return () => {
    if (!held.open) return
    // If the folder was replaced meanwhile, the note there belongs to another hub.
    if (files.displaced === null) rmSync(note, { force: true })
    held.close()
  }
}

function explained(dataDir: string, path: string, note: string, error: unknown): JournalError {
  const code = codeOf(error)
  const otherwise = 'or choose another folder with --data.'
  if (code.startsWith('SQLITE_BUSY')) {
    return new JournalError(
      `The data folder ${dataDir} is in use by another hub${holderIn(note)}; stop that one, ${otherwise}`,
      { cause: error },
    )
  }
  if (code.startsWith('SQLITE_NOTADB') || code.startsWith('SQLITE_CORRUPT')) {
    return new JournalError(
      `${path} is not the lock file of a hub (${messageOf(error)}); it holds no data: ` +
        `remove it if no hub uses the folder, ${otherwise}`,
      { cause: error },
    )
  }
  return new JournalError(
    `The data folder ${dataDir} cannot be used (${messageOf(error)}); ` +
      `let this user write there, ${otherwise}`,
    { cause: error },
  )
}

/**
 * Refuses a folder that was emptied while a hub uses it: on Linux, `/proc` shows the lock file that it still
 * holds.
 */
function refuseWhatWasRemoved(dataDir: string, path: string): void {
  const pid = holderOfRemoved(realpathSync(path))
  if (pid === null) return
  rmSync(path, { force: true })
  throw new JournalError(
    `The data folder ${dataDir} was emptied or replaced while a hub (pid ${pid}) uses it, ` +
      'and that hub still holds its files; see docs/durability.md on how to save them, ' +
      'then stop it and start again.',
  )
}

/** The pid of a process that has open a file removed from this path; `null` if this user can see none. */
function holderOfRemoved(path: string): string | null {
  for (const pid of entriesOf('/proc'))
    if (/^\d+$/.test(pid))
      for (const fd of entriesOf(`/proc/${pid}/fd`))
        if (targetOf(`/proc/${pid}/fd/${fd}`) === `${path} (deleted)`) return pid
  return null
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function targetOf(link: string): string | undefined {
  try {
    return readlinkSync(link)
  } catch {
    return undefined
  }
}

function holderIn(note: string): string {
  try {
    const pid = readFileSync(note, 'utf8').trim()
    return pid === '' ? '' : ` (pid ${pid})`
  } catch {
    return ''
  }
}
