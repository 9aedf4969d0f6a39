// Kills a journal at random moments: everything that it reported as committed is there, and is consistent.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { lossOf } from '../../src/journal/database/acknowledged.ts'
import { damageOf } from '../../src/journal/database/damage.ts'
import { databasePath } from '../../src/journal/database/open.ts'
import { openEngineReads } from '../../src/journal/queries/reads.ts'
import { openRaw, temporaryFolder } from './fixtures.ts'
import { reach } from '../support/reach.ts'

const KILLS = reach(3, 20)
const CHILD = fileURLToPath(new URL('crash-child.ts', import.meta.url))

/** Lets a child work for a random time, kills it, and returns what it reported last. */
async function workAndDie(dataDir: string): Promise<{ event: number; cursor: number }> {
  const child = spawn(process.execPath, [CHILD, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  const ended = once(child, 'close')
  while (!output.includes('\n')) await Promise.race([once(child.stdout, 'data'), ended])
  await pause(Math.random() * 250)
  child.kill('SIGKILL')
  const [code, signal] = (await ended) as [number | null, string | null]
  expect([code, signal]).toEqual([null, 'SIGKILL'])
  const lastOf = (what: string): number =>
    Math.max(0, ...[...output.matchAll(new RegExp(`^${what} (\\d+)$`, 'gm'))].map(([, id]) => Number(id)))
  return { event: lastOf('event'), cursor: lastOf('cursor') }
}

it(
  `has, after each of ${KILLS} kills, all that was told committed, gapless and consistent`,
  { timeout: 120_000 },
  async () => {
    const dataDir = temporaryFolder()
    let told = { event: 0, cursor: 0 }
    for (let kill = 0; kill < KILLS; kill++) {
      const before = told.event
      told = await workAndDie(dataDir)
      expect(damageOf(databasePath(dataDir))).toBeNull()
      const db = openRaw(dataDir)
      expect(lossOf(db, dataDir, 0)).toBeNull()
      const one = (sql: string): unknown => db.prepare(sql).pluck().get()
      const last = one('SELECT coalesce(max(id), 0) FROM events') as number
      const cursor = one('SELECT cursor FROM journal') as number
      expect(last).toBeGreaterThanOrEqual(told.event)
      expect(last).toBeGreaterThanOrEqual(before)
      expect(one('SELECT count(*) FROM events')).toBe(last)
      expect(cursor).toBeGreaterThanOrEqual(told.cursor)
      // Each tenth event up to the cursor has one run with one step; no later event has a run.
      expect(one('SELECT count(DISTINCT event) FROM runs')).toBe(Math.floor(cursor / 10))
      expect(one('SELECT count(*) FROM runs')).toBe(Math.floor(cursor / 10))
      expect(one('SELECT coalesce(max(event), 0) FROM runs')).toBe(Math.floor(cursor / 10) * 10)
      expect(one('SELECT count(*) FROM steps')).toBe(Math.floor(cursor / 10))
      expect(one('SELECT count(*) FROM topic_events')).toBe(one('SELECT indexed_to FROM journal'))
      expect(one('SELECT coalesce(max(event), 0) FROM retained')).toBe(
        one('SELECT coalesce(max(id), 0) FROM events WHERE retain'),
      )
      expect(one('PRAGMA integrity_check')).toBe('ok')
      db.close()
    }
    const reads = openEngineReads(dataDir)
    expect(reads.downtimes().at(-1)?.clean).toBe(false)
    expect(reads.eventsAfter(0, 1_000_000).every(({ id, payload }) => id > 0 && payload.length === 60)).toBe(
      true,
    )
    reads.close()
    expect(told.event).toBeGreaterThan(KILLS)
  },
)
