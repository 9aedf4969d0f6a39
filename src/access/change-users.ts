// Changes the users file, whole or not at all: the new one is written beside it, forced to the disk and put
// in its place. It is for its owner only: hashes are for nobody's eyes.

import {
  closeSync,
  fchownSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { messageOf } from '../base/printable.ts'
import { systemReason } from '../base/system-reason.ts'
import { NO_USERS, parseUsersFile, type UsersFile, UsersFileError } from './users-file.ts'

/** A new file that is older was left behind: writing one takes milliseconds. */
const ABANDONED_MS = 10_000

/** An absent file has no users. */
export function readUsers(file: string): UsersFile {
  try {
    return parseUsersFile(readFileSync(file, 'utf8'), file)
  } catch (error) {
    if (error instanceof UsersFileError) throw error
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return NO_USERS
    throw new UsersFileError(`${file} cannot be read: ${systemReason(error) ?? messageOf(error)}.`)
  }
}

/** Two that change it at one time do not lose each other's change: the second is told to try again. */
export function changeUsers(file: string, change: (before: UsersFile) => UsersFile): void {
  const next = `${file}.new`
  const descriptor = claim(next)
  try {
    keepOwner(descriptor, file)
    writeSync(descriptor, `${JSON.stringify(change(readUsers(file)), null, 2)}\n`)
    fsyncSync(descriptor)
    renameSync(next, file)
  } catch (error) {
    rmSync(next, { force: true })
    throw error
  } finally {
    closeSync(descriptor)
  }
  sync(dirname(file))
}

/** Whether users other than the owner can read the file. */
export function isReadableByOthers(file: string): boolean {
  try {
    return (statSync(file).mode & 0o077) !== 0
  } catch {
    return false
  }
}

function claim(next: string): number {
  for (let again = false; ; again = true) {
    try {
      return openSync(next, 'wx', 0o600)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
        throw new UsersFileError(`${next} cannot be written: ${systemReason(error) ?? messageOf(error)}.`)
      if (again || !isAbandoned(next)) {
        throw new UsersFileError(`${next} is being written by another "vigie user"; try again in a moment.`)
      }
      unlinkSync(next)
    }
  }
}

/**
 * Keeps the owner of a file that root changes, so that the hub, which runs as another user, can still read
 * it.
 */
function keepOwner(descriptor: number, file: string): void {
  if (process.getuid?.() !== 0) return
  const { uid, gid } = statSync(file, { throwIfNoEntry: false }) ?? statSync(dirname(file))
  fchownSync(descriptor, uid, gid)
}

function isAbandoned(next: string): boolean {
  try {
    return Date.now() - statSync(next).mtimeMs > ABANDONED_MS
  } catch {
    return true
  }
}

/** The new name is on the disk only when its folder is. */
function sync(folder: string): void {
  const descriptor = openSync(folder, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
