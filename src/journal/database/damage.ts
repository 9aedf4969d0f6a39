// Looks for damage before SQLite opens the database. SQLite itself deletes the write-ahead log of an empty
// database, and notices a missing end of the file only when it reads there.
//
// Always: what a killed hub leaves is not taken for damage. The log still holds the pages that a checkpoint
// has yet to write (https://sqlite.org/walformat.html, https://sqlite.org/fileformat.html).

import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { formatSize } from '../../base/quantities.ts'

const HEADER_BYTES = 100
const LOG_HEADER_BYTES = 32
const FRAME_HEADER_BYTES = 24

/**
 * Returns the damage of the database at this path, as the beginning of a sentence; `null` if none is visible.
 */
export function damageOf(path: string): string | null {
  const logBytes = sizeOf(`${path}-wal`) ?? 0
  const bytes = sizeOf(path)
  if (bytes === undefined || bytes === 0) {
    if (logBytes === 0) return null
    const state = bytes === undefined ? 'missing' : 'empty'
    return `${path} is ${state}, but its log ${path}-wal of ${formatSize(logBytes)} is there`
  }
  const header = read(path, (bytesAt) => bytesAt(0, HEADER_BYTES))
  if (!isComplete(header)) return null // SQLite reports what is wrong with the header.
  const pageSize = pageSizeIn(header)
  const present = Math.floor(bytes / pageSize)
  const expected = header.readUInt32BE(28)
  if (present >= expected) return null
  const logged = loggedPages(`${path}-wal`, pageSize)
  for (let page = present + 1; page <= expected; page++)
    if (!logged.has(page))
      return `${path} ends after ${formatSize(bytes)} of ${formatSize(expected * pageSize)}`
  return null
}

/** Whether this is the header of a database, with a valid count of pages. */
const isComplete = (header: Buffer): boolean =>
  header.length === HEADER_BYTES &&
  header.toString('latin1', 0, 16) === 'SQLite format 3\0' &&
  header.readUInt32BE(24) === header.readUInt32BE(92)

/** Reads the page size; the stored value 1 stands for 65,536. */
function pageSizeIn(header: Buffer): number {
  const size = header.readUInt16BE(16)
  return size === 1 ? 65_536 : size
}

/** The pages of committed transactions in the log. SQLite checks whether they are intact. */
function loggedPages(path: string, pageSize: number): ReadonlySet<number> {
  const committed = new Set<number>()
  if (sizeOf(path) === undefined) return committed
  let underWay: number[] = []
  read(path, (bytesAt) => {
    const salts = bytesAt(16, 8)
    for (let at = LOG_HEADER_BYTES; ; at += FRAME_HEADER_BYTES + pageSize) {
      const frame = bytesAt(at, FRAME_HEADER_BYTES)
      if (frame.length < FRAME_HEADER_BYTES || !frame.subarray(8, 16).equals(salts)) return
      underWay.push(frame.readUInt32BE(0))
      const isCommit = frame.readUInt32BE(4) !== 0
      if (!isCommit) continue
      for (const page of underWay) committed.add(page)
      underWay = []
    }
  })
  return committed
}

const sizeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.size

/** Reads bytes at a position of the file; returns fewer at its end. */
type BytesAt = (position: number, length: number) => Buffer

function read<T>(path: string, take: (bytesAt: BytesAt) => T): T {
  const fd = openSync(path, 'r')
  try {
    return take((position, length) => {
      const bytes = Buffer.alloc(length)
      return bytes.subarray(0, readSync(fd, bytes, 0, length, position))
    })
  } finally {
    closeSync(fd)
  }
}
