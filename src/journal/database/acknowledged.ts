// How far the journal has acknowledged, in a small file beside the database. SQLite takes a write-ahead log
// whose end is damaged or missing for a shorter one and says nothing: only this file shows that acknowledged
// events are missing.
//
// Always: the file is written after the log is on the disk and before anybody is told. So it never claims
// more than the disk holds, except after a power cut with `durability: 'normal'`, which may take the last
// commits.

import type { Database } from 'better-sqlite3'
import { closeSync, constants, copyFileSync, openSync, readFileSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Durability } from './wal.ts'

/** One sector, so that a power cut leaves it old or new. */
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
   * Every event up to this one is on the disk. Costs a few microseconds: the file is not brought to the disk
   * itself.
   */
  set(lastEventId: number): void {
    if (lastEventId === this.#lastEventId) return
    this.#lastEventId = lastEventId
    try {
      writeSync(this.#fd, `${(String(lastEventId) + this.#rest).padEnd(LINE_BYTES - 1)}\n`, 0)
    } catch {
      // An older mark claims less: a loss may go unnoticed, and nothing else.
    }
  }

  close(): void {
    closeSync(this.#fd)
  }
}

/** Events that were acknowledged and are not in the database. */
export interface Loss {
  /** The newest event that is there; 0 for none. */
  readonly lastEventId: number
  readonly acknowledgedUpTo: number
  /**
   * The machine has started anew since, and `durability: 'normal'` allows a power cut to take the last
   * commits.
   */
  readonly isByPowerCut: boolean
  /** Where the log is kept as it was found; `null` when there was none. */
  readonly copyPath: string | null
}

/**
 * Compares the mark with what the database holds. To be asked before anything is written: the log of a database
 * that has lost events is copied, since the next write goes over what is left of its end.
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
    `${path} ends with event ${lastEventId}, but the events up to ${acknowledgedUpTo} had been acknowledged: ` +
    'they are lost, and what followed from them.'
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

/** Another one after each start of the machine; empty where the system has none. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
  } catch {
    return ''
  }
}
