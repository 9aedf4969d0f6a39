// The lock on the data folder: one hub at a time. SQLite holds it on a file of its own, and the kernel drops it with the
// process, however that ends: no stale lock, and no pid that now means something else. Who holds it stands in a note beside
// it, which is written only under the lock and read only by those who found it taken.

import SQLite from 'better-sqlite3'
import { accessSync, constants, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { messageOf } from '../../base/printable.ts'
import { codeOf, JournalError } from './journal-error.ts'

/** Takes the folder (and makes it if need be) until the returned function is called. Throws a JournalError that names the holder. */
export function lockFolder(dataDir: string): () => void {
  const note = join(dataDir, 'hub.pid')
  let lock: SQLite.Database | undefined
  try {
    makeFolder(dataDir)
    accessSync(dataDir, constants.W_OK | constants.X_OK) // says why, where SQLite says only that it could not open a file
    lock = new SQLite(join(dataDir, 'hub.lock'), { timeout: 0 })
    lock.exec('BEGIN IMMEDIATE')
    writeFileSync(note, `${process.pid}\n`)
  } catch (error) {
    lock?.close()
    throw new JournalError(
      codeOf(error).startsWith('SQLITE_BUSY')
        ? `The data folder ${dataDir} is in use by another hub${holderIn(note)}; stop that one, or choose another folder with --data.`
        : `The data folder ${dataDir} cannot be used (${messageOf(error)}); let this user write there, or choose another folder with --data.`,
      { cause: error },
    )
  }
  const held = lock
  return () => {
    if (!held.open) return
    rmSync(note, { force: true })
    held.close()
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
