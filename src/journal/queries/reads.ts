// The reads of the engine, over a read-only connection of its own: events after the cursor, runs, states of
// rules.

import type { Event } from '../../model/event.ts'
import type { EngineReads, RetainedHead, RuleState } from '../../model/store.ts'
import { AlertRows } from '../alerts/alert-rows.ts'
import { EventRows } from '../events/event-rows.ts'
import { behindOf, downtimesOf } from '../database/lifetimes.ts'
import { openForReading } from '../database/open.ts'
import { openHeard } from './heard.ts'
import { openRetainedReads, openRetainedTopics } from '../events/retained.ts'
import { RUN_COLUMNS, runFrom, RunRows } from '../runs/run-rows.ts'
import type { RunRow } from '../runs/run-rows.ts'
import { openRulePauses } from '../runs/rule-pause-rows.ts'
import { TopicEvents } from '../events/slices.ts'

/** Opens the journal for an engine. Throws a JournalError if the folder has none that this program reads. */
export function openEngineReads(dataDir: string): EngineReads {
  const db = openForReading(dataDir)
  const events = new EventRows(db)
  const runs = new RunRows(db)
  const alerts = new AlertRows(db)
  const rulePauses = openRulePauses(db)
  const cursor = db.prepare<[], number>('SELECT cursor FROM journal').pluck()
  const indexedTo = db.prepare<[], number>('SELECT indexed_to FROM journal').pluck()
  const eventsAfter = events.select('WHERE id > ? ORDER BY id LIMIT ?')
  const event = events.select('WHERE id = ?')
  const eventHead = events.selectHeads('WHERE id = ?')
  const topicEvents = new TopicEvents(db)
  const lastUnindexed = events.select('WHERE topic = ? AND id > ? AND id <= ? ORDER BY id DESC LIMIT 1')
  const lastIndexed = (topic: number, upTo: number): Event | undefined => {
    const id = topicEvents.newest(topic, 1, upTo + 1).next().value
    return id === undefined ? undefined : event(id)[0]
  }
  const retained = openRetainedReads(db)
  const retainedHeads = db.prepare<[], RetainedHead>(
    'SELECT topics.name AS topic, event FROM retained JOIN topics ON topics.id = retained.topic',
  )
  const openRunIds = db
    .prepare<[], number>(
      `SELECT id FROM runs WHERE state <> 'done' AND state IN ('planned', 'running') ORDER BY id`,
    )
    .pluck()
  const unannouncedRuns = db.prepare<[number], RunRow>(
    `SELECT ${RUN_COLUMNS} FROM runs WHERE announced = 0 AND ended_at IS NOT NULL ORDER BY id LIMIT ?`,
  )
  const lastRunId = db.prepare<[], number | null>('SELECT max(id) FROM runs').pluck()
  const hasDead = db
    .prepare<[string], 0 | 1>(
      `SELECT EXISTS (SELECT 1 FROM runs WHERE state <> 'done' AND state = 'dead' AND rule = ?)`,
    )
    .pluck()
  const ruleStates = db.prepare<[], Omit<RuleState, 'state'> & { readonly state: string }>(
    'SELECT rule, key, state, wake_at AS wakeAt FROM rule_states',
  )
  return {
    cursor: () => cursor.get()!,
    eventsAfter,
    heardAfter: openHeard(db, events),
    event: (id) => event(id)[0],
    eventHead: (id) => eventHead(id)[0],
    lastOn: db.transaction((topic, upTo) => {
      const number = events.topics.number(topic)
      if (number === undefined) return undefined
      const indexed = indexedTo.get()!
      const last = lastUnindexed(number, indexed, upTo)[0] ?? lastIndexed(number, Math.min(upTo, indexed))
      return retained(number, topic, last?.id ?? 0, upTo) ?? last
    }),
    retainedUnder: openRetainedTopics(db),
    openRunIds: () => openRunIds.all(),
    unannouncedRuns: (limit) => unannouncedRuns.all(limit).map((row) => runs.withSteps(runFrom(row))),
    run: (id) => runs.run(id),
    runHead: (id) => runs.head(id),
    lastRunId: () => lastRunId.get() ?? 0,
    hasDead: (rule) => hasDead.get(rule) === 1,
    alert: (key) => alerts.alert(key),
    heldAlerts: () => alerts.held(),
    unpublishedAlerts: () => alerts.unpublished(),
    silences: () => alerts.silences(),
    liveNotifications: () => alerts.liveNotifications(),
    ruleStates: () =>
      ruleStates.all().map(({ state, ...row }) => Object.assign(row, { state: JSON.parse(state) })),
    rulePauses: () => rulePauses.all(),
    unpublishedRulePauses: () => rulePauses.unpublished(),
    retainedHeads: () => retainedHeads.all(),
    downtimes: () => downtimesOf(db),
    behind: () => behindOf(db),
    close: () => {
      db.close()
    },
  }
}
