// The key with which the hub signs links. It is made when it is first needed, and stays in the data folder, so
// that links outlive a restart. The engine signs and the HTTP server checks, each in a process of its own:
// whoever comes first makes it.

import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { OperatorError } from '../base/operator-error.ts'

const FILE = 'link.key'
const KEY_BYTES = 32

/** @throws OperatorError when the file holds no key */
export function openLinkKey(dataDir: string): Buffer {
  const file = join(dataDir, FILE)
  const key = keyIn(file) ?? makeKey(file)
  if (key.length === KEY_BYTES) return key
  throw new OperatorError(
    `${file} is to hold ${KEY_BYTES} bytes, and holds ${key.length}. Remove it: the hub makes a new one, and ` +
      'the links of earlier notifications end.',
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
function makeKey(file: string): Buffer {
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  const descriptor = openSync(draft, 'wx', 0o600)
  try {
    writeSync(descriptor, randomBytes(KEY_BYTES))
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
