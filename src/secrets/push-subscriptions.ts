// The browsers that have subscribed to push messages: each is a file in the data folder, for the user of the
// hub alone, since whoever has the address of one can disturb its owner. HTTP adds and removes them; the
// engine reads them, and removes those that are gone.

import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from '../base/make-folder.ts'

/** As a browser gives it (`PushSubscription.toJSON()`). */
export interface PushSubscription {
  readonly endpoint: string
  readonly keys: {
    /** The public key of the browser: an uncompressed point on P-256, base64url. */
    readonly p256dh: string
    /** 16 bytes, base64url. */
    readonly auth: string
  }
}

const FOLDER = 'push'
/** More are not kept: nobody has that many browsers. */
const MOST_SUBSCRIPTIONS = 200

export function subscriptionsIn(dataDir: string): PushSubscription[] {
  return filesIn(dataDir).flatMap((file) => {
    try {
      return [JSON.parse(readFileSync(file, 'utf8')) as PushSubscription]
    } catch {
      // It was removed meanwhile.
      return []
    }
  })
}

/**
 * Adds one, or puts it in the place of an earlier one of the same address. Returns `false` where there are
 * too many.
 */
export function addSubscription(dataDir: string, { endpoint, keys }: PushSubscription): boolean {
  const file = fileOf(dataDir, endpoint)
  const files = filesIn(dataDir)
  if (files.length >= MOST_SUBSCRIPTIONS && !files.includes(file)) return false
  makeFolder(join(dataDir, FOLDER))
  const draft = `${file}.${randomBytes(4).toString('hex')}`
  const { p256dh, auth } = keys
  writeFileSync(draft, JSON.stringify({ endpoint, keys: { p256dh, auth } }), { mode: 0o600, flush: true })
  renameSync(draft, file)
  return true
}

export const removeSubscription = (dataDir: string, endpoint: string): void =>
  rmSync(fileOf(dataDir, endpoint), { force: true })

const fileOf = (dataDir: string, endpoint: string): string =>
  join(dataDir, FOLDER, `${createHash('sha256').update(endpoint).digest('hex').slice(0, 32)}.json`)

function filesIn(dataDir: string): string[] {
  try {
    return readdirSync(join(dataDir, FOLDER))
      .filter((name) => name.endsWith('.json'))
      .toSorted()
      .map((name) => join(dataDir, FOLDER, name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
