// Records in a small file beside the database up to which event the journal has acknowledged. SQLite silently
// takes a write-ahead log whose end is damaged or missing for a shorter log: only this file shows that
// acknowledged events are missing.
//
// Always: the file is written after the log is on the disk and before an acknowledgement leaves. So it never
// claims more than the disk holds, except after a power cut with `durability: 'normal'`, which may lose the
// last commits.

import type { Database } from 'better-sqlite3'
import { closeSync, constants, copyFileSync, openSync, readFileSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Durability } from './wal.ts'

/** The mark fits into one disk sector, so that a power cut leaves the old mark or the new one. */
const LINE_BYTES = 128

const pathIn = (dataDir: string): string => join(dataDir, 'journal.acknowledged')

export class AcknowledgedMark {
  readonly #fd: number
  readonly #rest: string
  #lastEventId = -1

  constructor(dataDir: string, durability: Durability) {
    this.#fd = openSync(pathIn(dataDir), constants.O_WRONLY | constants.O_CREAT, 0o600)
    this.#rest = ` ${durability} ${bootId()}`
  }

  /**
   * Records that every event up to this one is on the disk. Costs a few microseconds, since nothing syncs
   * this file itself.
   */
  set(lastEventId: number): void {
    if (lastEventId === this.#lastEventId) return
    this.#lastEventId = lastEventId
    try {
      writeSync(this.#fd, `${(String(lastEventId) + this.#rest).padEnd(LINE_BYTES - 1)}\n`, 0)
    } catch {
      // The mark stays older and claims less: at worst a loss goes unnoticed.
    }
  }

  close(): void {
    closeSync(this.#fd)
  }
}

/** Events that were acknowledged and are not in the database. */
export interface Loss {
  /** The newest event in the database; 0 for none. */
  readonly lastEventId: number
  readonly acknowledgedUpTo: number
  /**
   * The machine has restarted since, and `durability: 'normal'` allows a power cut to lose the last commits.
   */
  readonly isByPowerCut: boolean
  /** The path of an unchanged copy of the log; `null` when there was no log. */
  readonly copyPath: string | null
}

/**
 * Compares the mark with the events in the database. The caller asks before anything is written: if events
 * are lost, this copies the log, since the next write overwrites what is left of its end.
 */
export function lossOf(db: Database, dataDir: string, now: number): Loss | null {
  const mark = readMark(dataDir)
  if (mark === undefined) return null
  const lastEventId = lastEventIn(db)
  if (lastEventId >= mark.lastEventId) return null
  const log = `${db.name}-wal`
  const hasLog = (statSync(log, { throwIfNoEntry: false })?.size ?? 0) > 0
  const copyPath = `${log}.damaged-${new Date(now).toISOString().replaceAll(/[:.]/g, '-')}`
  if (hasLog) copyFileSync(log, copyPath, constants.COPYFILE_EXCL)
  return {
    lastEventId,
    acknowledgedUpTo: mark.lastEventId,
    isByPowerCut: mark.durability === 'normal' && mark.bootId !== bootId(),
    copyPath: hasLog ? copyPath : null,
  }
}

export function lossSentence(
  path: string,
  { lastEventId, acknowledgedUpTo, isByPowerCut, copyPath }: Loss,
): string {
  const lost =
    `${path} ends with event ${lastEventId}, but the events up to ${acknowledgedUpTo} ` +
    'had been acknowledged: they are lost, and what followed from them.'
  if (isByPowerCut) return `${lost} With durability 'normal' a power cut may take the last commits.`
  const copy = copyPath === null ? 'There was no log.' : `The log is kept as it was found, at ${copyPath}.`
  return (
    `${lost} The end of its log was damaged or removed, or an older file was put in its place. ${copy} ` +
    'The hub goes on with what is there; docs/durability.md says how to restore a backup.'
  )
}

interface Mark {
  readonly lastEventId: number
  readonly durability: string
  readonly bootId: string
}

function readMark(dataDir: string): Mark | undefined {
  try {
    const line = readFileSync(pathIn(dataDir), 'latin1')
    const [, id, durability = '', boot = ''] = /^(\d+) (\w+) (\S*) *\n$/.exec(line) ?? []
    return id === undefined ? undefined : { lastEventId: Number(id), durability, bootId: boot }
  } catch {
    return undefined
  }
}

function lastEventIn(db: Database): number {
  const hasEvents = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'events'").get() !== undefined
  return (hasEvents && db.prepare<[], number | null>('SELECT max(id) FROM events').pluck().get()) || 0
}

/** An id that changes with each start of the machine; empty where the system has none. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
  } catch {
    return ''
  }
}
