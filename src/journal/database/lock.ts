// The lock on the data folder: one hub at a time. SQLite holds it on a file of its own, and the kernel drops
// it with the process, however that ends: no stale lock, and no pid that now means something else. Who holds
// it stands in a note beside it, which is written only under the lock and read only by those who found it
// taken.

import SQLite from 'better-sqlite3'
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { messageOf } from '../../base/printable.ts'
import { codeOf, JournalError } from './journal-error.ts'
import { OpenFiles } from './open-files.ts'

/**
 * Takes the folder (and makes it if need be) until the returned function is called. Throws a JournalError
 * that names the holder.
 */
export function lockFolder(dataDir: string): () => void {
  const path = join(dataDir, 'hub.lock')
  const note = join(dataDir, 'hub.pid')
  let lock: SQLite.Database | undefined
  try {
    makeFolder(dataDir)
    accessSync(dataDir, constants.W_OK | constants.X_OK) // says why, where SQLite says only that it could not open a file
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
    // What lies there after the folder was replaced is another hub's.
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
      `${path} is not the lock file of a hub (${messageOf(error)}); it holds no data: remove it if no hub uses the folder, ${otherwise}`,
      { cause: error },
    )
  }
  return new JournalError(
    `The data folder ${dataDir} cannot be used (${messageOf(error)}); let this user write there, ${otherwise}`,
    { cause: error },
  )
}

/**
 * A hub whose folder was emptied under it still holds the lock file that lay there: on Linux it can be found.
 */
function refuseWhatWasRemoved(dataDir: string, path: string): void {
  const pid = holderOfRemoved(realpathSync(path))
  if (pid === null) return
  rmSync(path, { force: true })
  throw new JournalError(
    `The data folder ${dataDir} was emptied or replaced while a hub (pid ${pid}) uses it, and that hub still holds its files; see docs/durability.md on how to save them, then stop it and start again.`,
  )
}

/**
 * The process that has a file open which was removed from this path; `null` when there is none that this user
 * can see.
 */
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

/** With those above it. Node's own way (`recursive`) never returns where none can be made, as in /proc. */
function makeFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return
  const above = dirname(folder)
  if (above !== folder) makeFolder(above)
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    // Somebody else was faster; a file in its place is no folder.
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw error
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
