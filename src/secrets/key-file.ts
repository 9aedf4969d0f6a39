// Keys that the hub makes itself and keeps in the data folder, each in a file for its user alone. One is made
// when it is first needed, by whichever process of the hub comes first.

import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { OperatorError } from '../base/operator-error.ts'

export interface KeyFile {
  /** The name of the file. */
  readonly name: string
  readonly bytes: number
  readonly make: () => Buffer
  /** The end of the sentence that says what a new key brings about. */
  readonly loses: string
}

/** @throws OperatorError when the file holds no key */
export function openKeyFile(dataDir: string, { name, bytes, make, loses }: KeyFile): Buffer {
  const file = join(dataDir, name)
  const key = keyIn(file) ?? makeKey(file, make())
  if (key.length === bytes) return key
  throw new OperatorError(
    `${file} is to hold ${bytes} bytes, and holds ${key.length}. ` +
      `Remove it: the hub makes a new one, and ${loses}.`,
  )
}

function keyIn(file: string): Buffer | undefined {
  try {
    return readFileSync(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** A link to a whole file fails where another process was faster, and a crash leaves no half of a key. */
function makeKey(file: string, key: Buffer): Buffer {
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  const descriptor = openSync(draft, 'wx', 0o600)
  try {
    writeSync(descriptor, key)
    fsyncSync(descriptor)
    linkSync(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    closeSync(descriptor)
    rmSync(draft, { force: true })
  }
  return readFileSync(file)
}
