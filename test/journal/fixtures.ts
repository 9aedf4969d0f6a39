// Folders, events and writers for the journal's tests.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import { onTestFinished } from 'vitest'
import { ManualClock } from '../../src/base/clock.ts'
import { databasePath } from '../../src/journal/open.ts'
import { KEEP_ALL } from '../../src/journal/prune.ts'
import type { HistoryLimits } from '../../src/journal/prune.ts'
import { openWriter } from '../../src/journal/writer.ts'
import type { Writer } from '../../src/journal/writer.ts'
import type { Event, NewEvent } from '../../src/model/event.ts'
import type { Run, Step } from '../../src/model/run.ts'

/** A folder that is gone when the test is. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-journal-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export interface Bench {
  readonly dataDir: string
  readonly clock: ManualClock
  readonly writer: Writer
}

/** A writer on a folder of its own. */
export function openBench(options: { dataDir?: string; history?: HistoryLimits; now?: number } = {}): Bench {
  const { dataDir = temporaryFolder(), history = KEEP_ALL, now = 1_000_000 } = options
  const clock = new ManualClock(now)
  const writer = openWriter({ dataDir, durability: 'normal', history, clock })
  onTestFinished(() => writer.close())
  return { dataDir, clock, writer }
}

/** The database itself, for what no port shows. */
export function openRaw(dataDir: string): SQLite.Database {
  const db = new SQLite(databasePath(dataDir))
  onTestFinished(() => void db.close())
  return db
}

export const newEvent = (event: Partial<NewEvent> = {}): NewEvent => ({
  at: 1_000_000,
  topic: 'a/b',
  payload: Buffer.from('hello'),
  qos: 1,
  retain: false,
  origin: 'live',
  client: 'c1',
  properties: null,
  cause: null,
  recorded: true,
  ...event,
})

export const event = (id: number, rest: Partial<NewEvent> = {}): Event => ({ ...newEvent(rest), id })

/** Events with these ids, `from` to `to`. */
export const events = (from: number, to: number, rest: Partial<NewEvent> = {}): Event[] =>
  Array.from({ length: to - from + 1 }, (_, index) => event(from + index, rest))

export const run = (id: number, rest: Partial<Run> = {}): Run => ({
  id,
  rule: 'door',
  key: '',
  event: 1,
  state: 'planned',
  plannedAt: 1_000_000,
  startedAt: null,
  endedAt: null,
  ...rest,
})

export const step = (of: number, path: string, rest: Partial<Step> = {}): Step => ({
  run: of,
  path,
  spec: {
    kind: 'wait',
    lengthMs: 1_000,
    timeoutMs: 5_000,
    retry: { attempts: 1, minMs: 0, maxMs: 0 },
  },
  state: 'pending',
  attempt: 0,
  wakeAt: null,
  startedAt: null,
  endedAt: null,
  outcome: null,
  process: null,
  ...rest,
})

/** Payloads as plain bytes, so that a Buffer equals a Uint8Array. */
export const plain = ({ payload, properties, ...rest }: Event) => ({
  ...rest,
  payload: [...payload],
  properties: properties && [...properties],
})
