// Folders and writers for the journal's tests.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import { onTestFinished } from 'vitest'
import { ManualClock } from '../../src/base/clock.ts'
import { databasePath, openForWriting } from '../../src/journal/database/open.ts'
import { KEEP_ALL } from '../../src/journal/forget/history-limits.ts'
import type { HistoryLimits } from '../../src/journal/forget/history-limits.ts'
import { writeTo } from '../../src/journal/thread/writer.ts'
import type { Writer } from '../../src/journal/thread/writer.ts'
import type { Hides } from '../../src/topics/hidden.ts'

/** Creates a folder that is removed when the test has finished. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-journal-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export interface Bench {
  readonly dataDir: string
  readonly clock: ManualClock
  readonly writer: Writer
  /** Makes the disk full: nothing more fits into the database until the returned function is called. */
  readonly fill: () => () => void
}

/** Opens a writer, by default in a new folder. */
export function openBench(
  options: { dataDir?: string; history?: HistoryLimits; now?: number; hides?: Hides } = {},
): Bench {
  const { dataDir = temporaryFolder(), history = KEEP_ALL, now = 1_000_000, hides } = options
  const clock = new ManualClock(now)
  const db = openForWriting(dataDir)
  const writer = writeTo(db, { dataDir, durability: 'normal', history, clock, hides })
  onTestFinished(() => writer.close())
  const fill = () => {
    db.pragma(`max_page_count = ${db.pragma('page_count', { simple: true }) as number}`)
    return () => void db.pragma('max_page_count = 1000000')
  }
  return { dataDir, clock, writer, fill }
}

/** Opens the database itself, for what no port shows. */
export function openRaw(dataDir: string): SQLite.Database {
  const db = new SQLite(databasePath(dataDir))
  onTestFinished(() => void db.close())
  return db
}
