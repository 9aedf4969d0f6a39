// What can be seen of damage before SQLite opens the database. SQLite itself deletes the write-ahead log of a
// database that is empty, and goes on with one whose end is missing until it reads there.
//
// Always: a hub that is killed leaves nothing that is taken for damage. A page that a checkpoint has yet to
// write is still in the log (https://sqlite.org/walformat.html, https://sqlite.org/fileformat.html).

import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { formatSize } from '../../base/quantities.ts'

const HEADER_BYTES = 100
const LOG_HEADER_BYTES = 32
const FRAME_HEADER_BYTES = 24

/**
 * What is wrong with the database at this path, as the beginning of a sentence; `null` when nothing can be
 * seen.
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
  if (!isComplete(header)) return null // SQLite says what it makes of it.
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

/** Whether it is the header of a database that says how many pages there are. */
const isComplete = (header: Buffer): boolean =>
  header.length === HEADER_BYTES &&
  header.toString('latin1', 0, 16) === 'SQLite format 3\0' &&
  header.readUInt32BE(24) === header.readUInt32BE(92)

/** 1 stands for 65,536. */
function pageSizeIn(header: Buffer): number {
  const size = header.readUInt16BE(16)
  return size === 1 ? 65_536 : size
}

/** The pages that the log holds of committed transactions. Whether they are intact is for SQLite to see. */
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

/** Gives the bytes at a place of the file; fewer where it ends. */
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
