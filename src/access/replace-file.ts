// Changes a file of access, whole or not at all: the new one is written beside it, forced to the disk and put
// in its place. It is for its owner only: hashes are for nobody's eyes.

import {
  closeSync,
  fchownSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { OperatorError } from '../base/operator-error.ts'
import { messageOf } from '../base/printable.ts'
import { systemReason } from '../base/system-reason.ts'

/** A new file that is older was left behind: writing one takes milliseconds. */
const ABANDONED_MS = 10_000

/**
 * Writes what `content` returns. Two that change the file at one time do not lose each other's change:
 * `content` reads the file while nobody else may change it, and the second writer is told to try again.
 * @param writer the command that writes, for the sentence: `vigie user`
 * @throws OperatorError when the file cannot be written
 */
export function replaceFile(file: string, writer: string, content: () => object): void {
  const next = `${file}.new`
  const descriptor = claim(next, writer)
  try {
    keepOwner(descriptor, file)
    writeSync(descriptor, `${JSON.stringify(content(), null, 2)}\n`)
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

function claim(next: string, writer: string): number {
  for (let again = false; ; again = true) {
    try {
      return openSync(next, 'wx', 0o600)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
        throw new OperatorError(`${next} cannot be written: ${systemReason(error) ?? messageOf(error)}.`)
      if (again || !isAbandoned(next)) {
        throw new OperatorError(`${next} is being written by another "${writer}"; try again in a moment.`)
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
