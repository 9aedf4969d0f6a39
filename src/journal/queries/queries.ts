// Read-only queries, for any thread or process, whether the hub runs or not. Each query sees the journal at
// one moment.

import type { Database } from 'better-sqlite3'
import { RUN_STATES } from '../../model/run.ts'
import type { Run, RunState } from '../../model/run.ts'
import type {
  CountsQuery,
  EventConditions,
  HourCount,
  Queries,
  RunsQuery,
  StoreTotals,
} from '../../model/queries.ts'
import { STAGES } from '../../model/verdict.ts'
import type { Verdict } from '../../model/verdict.ts'
import { topicMatches } from '../../topics/matches.ts'
import { AlertRows } from '../alerts/alert-rows.ts'
import { EventRows } from '../events/event-rows.ts'
import { histogram } from './histogram.ts'
import { openDeadGroups } from './dead-groups.ts'
import { History } from './history.ts'
import { openForReading } from '../database/open.ts'
import { openBridgePages } from './bridge-pages.ts'
import { namesFor } from './names-for.ts'
import { openRetainedPages } from './retained-pages.ts'
import { RUN_COLUMNS, runFrom, RunRows } from '../runs/run-rows.ts'
import type { RunRow } from '../runs/run-rows.ts'
import { openRulePauses } from '../runs/rule-pause-rows.ts'
import { openRuleFigures } from './rule-figures.ts'
import { storyOf } from './story.ts'
import { openTopics } from './topics.ts'
import { openVerdicts } from './verdicts.ts'
import { HOUR_MS } from '../events/trailing-index.ts'

/**
 * Opens the journal for queries. Throws a JournalError if the folder has none, or none that this program
 * reads.
 */
export function openQueries(dataDir: string): Queries {
  const db = openForReading(dataDir)
  const events = new EventRows(db)
  const runs = new RunRows(db)
  const alerts = new AlertRows(db)
  const rulePauses = openRulePauses(db)
  const history = new History(db, events)
  const retained = openRetainedPages(db)
  const topics = openTopics(db, events)
  const verdictPages = openVerdicts(db)
  const bridges = openBridgePages(db, events)
  const ruleFigures = openRuleFigures(db)
  const deadGroups = openDeadGroups(db)
  const event = events.select('WHERE id = ?')
  const eventsOf = events.select('WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id')
  const consequences = events.select('WHERE cause_event = ? ORDER BY id')
  const runsOf = db.prepare<[number], RunRow>(`SELECT ${RUN_COLUMNS} FROM runs WHERE event = ? ORDER BY id`)
  const cursor = db.prepare<[], number>('SELECT cursor FROM journal').pluck()
  const verdicts = db.prepare<[number], Omit<Verdict, 'stage'> & { readonly stage: number }>(
    `SELECT rules.name AS rule, key, event, stage, reason, at
     FROM verdicts JOIN rules ON rules.id = verdicts.rule
     WHERE event = ? ORDER BY at, rules.name, key, stage`,
  )
  const atOneMoment =
    <A extends unknown[], R>(ask: (...args: A) => R) =>
    (...args: A): R =>
      db.transaction(() => ask(...args))()
  const topicsIn = ({ filter }: EventConditions) => (filter === undefined ? null : topicsOf(db, filter))
  const queries: Queries = {
    history: atOneMoment((query) => history.page(topicsIn(query), query).events),
    historyPage: atOneMoment((query) => history.page(topicsIn(query), query)),
    event: (id) => event(id)[0],
    eventsOf: (ids) => eventsOf(JSON.stringify(ids)),
    retained: atOneMoment((query) => retained.page(query)),
    countRetained: atOneMoment((query) => retained.count(query)),
    ruleFigures: atOneMoment((query) => ruleFigures(query)),
    topics: atOneMoment((query) => topics.page(query)),
    verdicts: atOneMoment((query) => verdictPages(query)),
    runs: (query) => selectRuns(db, query),
    deadGroups: atOneMoment(() => deadGroups()),
    run: atOneMoment((id) => runs.run(id)),
    attemptsOf: (run) => runs.attempts(run),
    runsOf: (id) => runsOf.all(id).map(runFrom),
    consequences: atOneMoment((id) => ({
      isEvaluated: cursor.get()! >= id,
      runs: runsOf.all(id).map((row) => runs.withSteps(runFrom(row))),
    })),
    verdictsOf: (id) =>
      verdicts.all(id).map(({ stage, ...verdict }) => Object.assign(verdict, { stage: STAGES[stage]! })),
    consequencesOf: (id) => consequences(id),
    story: atOneMoment((subject) => storyOf(queries, subject)),
    counts: atOneMoment((query) => countHours(db, query)),
    histogram: atOneMoment(({ filter, ...query }) =>
      histogram(db, query, filter === undefined ? null : topicsOf(db, filter), (within) =>
        countHours(db, { ...within, ...(filter !== undefined && { filter }) }),
      ),
    ),
    alerts: (query) => alerts.list(query),
    alert: atOneMoment((key) => alerts.story(key)),
    alertsToldBy: (notification) => alerts.toldBy(notification),
    silences: () => alerts.silences(),
    rulePauses: () => rulePauses.all(),
    bridgePage: atOneMoment((query) => bridges.page(query)),
    bridgeLost: (bridge) => bridges.lost(bridge),
    owedRetained: atOneMoment((query) => bridges.owedRetained(query)),
    totals: atOneMoment(() => total(db)),
    lastEvents: atOneMoment((query) => topics.lastEvents(query)),
    searchPayloads: atOneMoment((query) => topics.searchPayloads(query)),
    close: () => {
      db.close()
    },
  }
  return queries
}

/** Finds the numbers of the topics that match. */
function topicsOf(db: Database, filter: string): number[] {
  return db
    .prepare<[string, string], { id: number; name: string }>(
      'SELECT id, name FROM topics WHERE name >= ? AND name < ?',
    )
    .all(...namesFor(filter))
    .filter(({ name }) => topicMatches(filter, name))
    .map(({ id }) => id)
}

function selectRuns(db: Database, query: RunsQuery): Run[] {
  const { rule, key, event, state, since, until, before } = query
  const conditions = [
    rule !== undefined && 'rule = @rule',
    key !== undefined && 'key = @key',
    event !== undefined && 'event = @event',
    state !== undefined && 'state = @state',
    // SQLite uses the partial index `runs_not_done` only if the query repeats its condition.
    state !== undefined && state !== 'done' && "state <> 'done'",
    since !== undefined && 'planned_at >= @since',
    until !== undefined && 'planned_at <= @until',
    before !== undefined && 'id < @before',
  ].filter((condition) => condition !== false)
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
  return db
    .prepare<[RunsQuery], RunRow>(`SELECT ${RUN_COLUMNS} FROM runs ${where} ORDER BY id DESC LIMIT @limit`)
    .all(query)
    .map(runFrom)
}

/** Adds up the hours in the index and the events that the index has not reached. */
function countHours(db: Database, { filter, since, until }: CountsQuery): HourCount[] {
  const topics = filter === undefined ? null : JSON.stringify(topicsOf(db, filter))
  const among = topics === null ? '' : 'AND topic IN (SELECT value FROM json_each(@topics))'
  const within = `WHERE hour BETWEEN @from AND @to ${among}`
  const indexed =
    topics === null
      ? `SELECT hour, events, bytes FROM hours ${within}`
      : `SELECT hour, events, bytes FROM topic_hours ${within}
         UNION ALL
         SELECT hour, events, bytes FROM recent_parts CROSS JOIN recent_slices USING (part)
         ${within} AND events > 0 AND base <= (SELECT indexed_to FROM journal)`
  return db
    .prepare<[object], HourCount>(
      `SELECT hour * ${HOUR_MS} AS at, sum(events) AS events, sum(bytes) AS bytes FROM (
         ${indexed}
         UNION ALL
         SELECT at / ${HOUR_MS}, 1, length(payload) FROM events
         WHERE id > (SELECT indexed_to FROM journal) AND recorded = 1
           AND at / ${HOUR_MS} BETWEEN @from AND @to ${among}
       ) GROUP BY hour ORDER BY hour`,
    )
    .all({
      from: Math.floor(since / HOUR_MS),
      to: Math.floor(until / HOUR_MS),
      ...(topics !== null && { topics }),
    })
}

function total(db: Database): StoreTotals {
  // Most runs are done, so only the others are counted, in their own small index.
  const others = db
    .prepare<[], { state: RunState; count: number }>(
      "SELECT state, count(*) AS count FROM runs WHERE state <> 'done' GROUP BY state",
    )
    .all()
  const all = db.prepare<[], number>('SELECT count(*) FROM runs').pluck().get()!
  const byState = new Map(others.map(({ state, count }) => [state, count]))
  byState.set(
    'done',
    others.reduce((done, { count }) => done - count, all),
  )
  const rest = db
    .prepare<[], Omit<StoreTotals, 'runs' | 'databaseBytes'>>(
      `SELECT cursor,
         indexed_events + (SELECT count(*) FROM events WHERE id > indexed_to AND recorded = 1) AS events,
         (SELECT at FROM events ORDER BY id LIMIT 1) AS oldestEventAt,
         coalesce((SELECT max(id) FROM events), 0) AS lastEventId
       FROM journal`,
    )
    .get()!
  const pages = db.pragma('page_count', { simple: true }) as number
  const pageBytes = db.pragma('page_size', { simple: true }) as number
  return {
    ...rest,
    runs: Object.fromEntries(RUN_STATES.map((state) => [state, byState.get(state) ?? 0])) as Record<
      RunState,
      number
    >,
    databaseBytes: pages * pageBytes,
  }
}
