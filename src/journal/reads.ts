// The engine's reads, on a read-only connection of its own: behind the cursor, in order.

import type { Run } from '../model/run.ts'
import type { EngineReads, RuleState } from '../model/store.ts'
import { EventRows } from './event-rows.ts'
import { downtimeOf } from './lifetimes.ts'
import { openForReading } from './open.ts'
import { openRetainedReads } from './retained.ts'
import { RUN_COLUMNS, RunRows } from './run-rows.ts'

export function openEngineReads(dataDir: string): EngineReads {
  const db = openForReading(dataDir)
  const events = new EventRows(db)
  const runs = new RunRows(db)
  const cursor = db.prepare<[], number>('SELECT cursor FROM journal').pluck()
  const indexedTo = db.prepare<[], number>('SELECT indexed_to FROM journal').pluck()
  const eventsAfter = events.select('WHERE id > ? ORDER BY id LIMIT ?')
  const sizesAfter = db
    .prepare<[number, number], number>('SELECT length(payload) FROM events WHERE id > ? ORDER BY id LIMIT ?')
    .pluck()
  const event = events.select('WHERE id = ?')
  const lastIndexed = events.select(
    `WHERE id = (SELECT id FROM topic_events WHERE topic = ? AND id <= ? ORDER BY id DESC LIMIT 1)`,
  )
  const lastUnindexed = events.select('WHERE topic = ? AND id > ? AND id <= ? ORDER BY id DESC LIMIT 1')
  const retained = openRetainedReads(db)
  const openRuns = db.prepare<[], Run>(
    `SELECT ${RUN_COLUMNS} FROM runs WHERE state <> 'done' AND state IN ('planned', 'running') ORDER BY id`,
  )
  const unannouncedRuns = db.prepare<[number], Run>(
    `SELECT ${RUN_COLUMNS} FROM runs WHERE announced = 0 AND ended_at IS NOT NULL ORDER BY id LIMIT ?`,
  )
  const lastRunId = db.prepare<[], number | null>('SELECT max(id) FROM runs').pluck()
  const ruleStates = db.prepare<[], Omit<RuleState, 'state'> & { readonly state: string }>(
    'SELECT rule, key, state, wake_at AS wakeAt, oldest_event AS oldestEvent FROM rule_states',
  )
  return {
    cursor: () => cursor.get()!,
    eventsAfter(after, limit, bytes = Infinity) {
      if (bytes === Infinity) return eventsAfter(after, limit)
      let left = bytes
      const last = sizesAfter.all(after, limit).findIndex((size) => (left -= size) <= 0)
      return eventsAfter(after, last === -1 ? limit : last + 1)
    },
    event: (id) => event(id)[0],
    lastOn(topic, upTo) {
      const number = events.topics.number(topic)
      if (number === undefined) return undefined
      const last = lastUnindexed(number, indexedTo.get()!, upTo)[0] ?? lastIndexed(number, upTo)[0]
      return retained(number, topic, last?.id ?? 0, upTo) ?? last
    },
    openRuns: () => openRuns.all().map((run) => runs.withSteps(run)),
    unannouncedRuns: (limit) => unannouncedRuns.all(limit).map((run) => runs.withSteps(run)),
    run: (id) => runs.run(id),
    lastRunId: () => lastRunId.get() ?? 0,
    ruleStates: () =>
      ruleStates.all().map(({ state, ...row }) => Object.assign(row, { state: JSON.parse(state) })),
    downtime: () => downtimeOf(db),
    close: () => {
      db.close()
    },
  }
}
