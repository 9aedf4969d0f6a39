// A database that an earlier vigie wrote opens, is brought up to date, and gives the same answers.
//
// Covers `src/journal/database/migrate.ts`, `src/journal/migrations/*`.

import SQLite from 'better-sqlite3'
import { expect, it } from 'vitest'
import { flagsOf } from '../../../src/journal/events/event-flags.ts'
import { migrate } from '../../../src/journal/database/migrate.ts'
import { MIGRATIONS } from '../../../src/journal/migrations/all.ts'
import { databasePath } from '../../../src/journal/database/open.ts'
import { openQueries } from '../../../src/journal/queries/queries.ts'
import { openEngineReads } from '../../../src/journal/queries/reads.ts'
import type { Event } from '../../../src/model/event.ts'
import { topicMatches } from '../../../src/topics/matches.ts'
import { openBench, openRaw, temporaryFolder } from '../fixtures.ts'
import { event, plain } from '../nouns.ts'

const HOUR = 3_600_000

const BEFORE_SLICES = MIGRATIONS.findIndex(({ name }) => name === '0006-slices')

/**
 * Writes a database of the schema before slices: an index with one row per event up to `indexedTo`. The
 * events in `gone` are pruned, and still counted.
 */
function writeBeforeSlices(
  dataDir: string,
  all: readonly Event[],
  indexedTo: number,
  gone: Set<number>,
): void {
  const db = new SQLite(databasePath(dataDir))
  db.pragma('auto_vacuum = INCREMENTAL')
  migrate(db, 'a file', MIGRATIONS.slice(0, BEFORE_SLICES))
  db.exec('BEGIN')
  const topics = [...new Set(all.map(({ topic }) => topic))]
  for (const topic of topics) db.prepare('INSERT INTO topics (name) VALUES (?)').run(topic)
  db.prepare("INSERT INTO clients (name, last_event) VALUES ('c1', ?)").run(indexedTo)
  const addEvent = db.prepare(
    'INSERT INTO events (id, at, topic, client, flags, payload) VALUES (?, ?, ?, 1, ?, ?)',
  )
  const addToIndex = db.prepare('INSERT INTO topic_events VALUES (?, ?)')
  const countOf = 'ON CONFLICT DO UPDATE SET events = events + 1, bytes = bytes + excluded.bytes'
  const countTopic = db.prepare(`INSERT INTO topic_hours VALUES (?, ?, 1, ?) ${countOf}`)
  const countHour = db.prepare(
    `INSERT INTO hours VALUES (?, 1, ?, ?, ?) ${countOf}, last_event = excluded.last_event`,
  )
  for (const one of all) {
    const { id, at, topic, payload } = one
    const number = topics.indexOf(topic) + 1
    if (id <= indexedTo) {
      countTopic.run(number, Math.floor(at / HOUR), payload.length)
      countHour.run(Math.floor(at / HOUR), payload.length, id, id)
    }
    if (gone.has(id)) continue
    addEvent.run(id, at, number, flagsOf(one), payload)
    if (id <= indexedTo) addToIndex.run(number, id)
  }
  const indexed = all.filter(({ id }) => id <= indexedTo && !gone.has(id)).length
  db.prepare('UPDATE journal SET cursor = ?, indexed_to = ?, indexed_events = ?').run(
    indexedTo,
    indexedTo,
    indexed,
  )
  db.exec('COMMIT')
  db.close()
}

it('answers after the migration from one row per event in the index as before', () => {
  const dataDir = temporaryFolder()
  const all = Array.from({ length: 1_000 }, (_, index) =>
    event(200 * (index + 1), {
      topic: ['busy', 'busy', 'busy', 'a/b', 'a/c'][index % 5]!,
      at: 1_000 * HOUR + index * 20_000,
    }),
  )
  const gone = new Set(all.filter(({ id }) => id % 1_400 === 0 && id < 100_000).map(({ id }) => id))
  writeBeforeSlices(dataDir, all, 180_000, gone)
  const bench = openBench({ dataDir, now: 1_006 * HOUR })
  const there = all.filter(({ id }) => !gone.has(id))

  for (const later of [false, true]) {
    if (later) {
      bench.writer.commit({ events: [event(400_000, { topic: 'a/b', at: 1_005.8 * HOUR })] })
      there.push(event(400_000, { topic: 'a/b', at: 1_005.8 * HOUR }))
      bench.writer.beat()
      while (bench.writer.tidy(false));
    }
    const queries = openQueries(dataDir)
    for (const filter of ['busy', 'a/+', 'a/b', '#']) {
      const expected = there.filter(({ topic }) => topicMatches(filter, topic)).toReversed()
      expect(queries.history({ filter, limit: 2_000 }).map(plain)).toEqual(expected.map(plain))
      const counted = queries.counts({ filter, since: 0, until: 2_000 * HOUR })
      expect(counted.reduce((sum, { events }) => sum + events, 0)).toBe(
        expected.length + all.filter(({ id, topic }) => gone.has(id) && topicMatches(filter, topic)).length,
      )
    }
    expect(queries.totals()).toMatchObject({ events: there.length, cursor: 180_000 })
    const reads = openEngineReads(dataDir)
    for (const upTo of [0, 200, 5_000, 100_001, 180_000, 199_999]) {
      expect(reads.lastOn('a/b', upTo)?.id).toBe(
        there.findLast(({ id, topic }) => topic === 'a/b' && id <= upTo)?.id,
      )
    }
    reads.close()
    queries.close()
  }
  expect(openRaw(dataDir).pragma('user_version', { simple: true })).toBe(MIGRATIONS.length)
  expect(openRaw(dataDir).pragma('integrity_check', { simple: true })).toBe('ok')
})

it('keeps the event that a rule of an earlier vigie waits with, and forgets those after it', () => {
  const dataDir = temporaryFolder()
  const before = new SQLite(databasePath(dataDir))
  before.pragma('auto_vacuum = INCREMENTAL')
  const since = MIGRATIONS.findIndex(({ name }) => name === '0009-held-events')
  migrate(before, 'a file', MIGRATIONS.slice(0, since))
  const state = { seenAt: 1, silence: { timer: { setAt: 1, dueAt: 9 }, passage: { event: 3, at: 1 } } }
  before
    .prepare('INSERT INTO rule_states (rule, key, state, wake_at, oldest_event) VALUES (?, ?, ?, ?, ?)')
    .run('quiet', 'x', JSON.stringify(state), 9, 3)
  before.close()
  const bench = openBench({
    dataDir,
    now: 1_000 * HOUR,
    history: { keepMs: HOUR, maxBytes: null, rules: [] },
  })
  bench.writer.commit({
    events: [1, 2, 3, 4, 5].map((id) => event(id, { at: id })),
    changes: [{ cursor: 5 }],
  })
  for (let round = 0; round < 2; round++) {
    bench.writer.beat()
    while (bench.writer.tidy(false));
    bench.clock.advance(60_000)
  }
  const reads = openEngineReads(dataDir)
  expect(reads.eventsAfter(0, 9).map(({ id }) => id)).toEqual([3, 5])
  expect(reads.ruleStates()).toEqual([{ rule: 'quiet', key: 'x', state, wakeAt: 9 }])
  reads.close()
})
