// Counts recorded events in steps of time, for a plot. Steps of an hour or more add up the counts by hour, which
// the journal keeps. Shorter ones are counted event by event, where there are few enough of them.

import type { Database } from 'better-sqlite3'
import type { CountsQuery, Histogram, HistogramQuery, HourCount } from '../../model/queries.ts'
import { HOUR_MS } from '../events/trailing-index.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60_000
const DAY_MS = 24 * HOUR_MS

/** Lengths of a step that people read a clock by, ascending. */
const STEPS_MS = [
  ...[1, 2, 5, 10, 30].map((seconds) => seconds * SECOND_MS),
  ...[1, 2, 5, 10, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 6, 12].map((hours) => hours * HOUR_MS),
  ...[1, 2, 7, 14, 30, 90, 365].map((days) => days * DAY_MS),
]
/** The most events that are counted one by one. */
const MOST_COUNTED = 300_000

/**
 * @param topics the numbers of the topics; `null` for all
 * @param hours the events of each hour
 */
export function histogram(
  db: Database,
  { since, until, bars }: HistogramQuery,
  topics: readonly number[] | null,
  hours: (query: Pick<CountsQuery, 'since' | 'until'>) => readonly HourCount[],
): Histogram {
  const length = Math.max(1, until - since)
  const wanted = STEPS_MS.find((step) => step * bars >= length) ?? STEPS_MS.at(-1)!
  const byHour = hours({ since, until })
  const isFew = byHour.reduce((sum, { events }) => sum + events, 0) <= MOST_COUNTED
  const stepMs = isFew ? wanted : Math.max(wanted, HOUR_MS)
  const from = Math.floor(since / stepMs) * stepMs
  const counts = Array.from({ length: Math.floor(until / stepMs) - from / stepMs + 1 }, () => 0)
  const add = (at: number, events: number): void => {
    const index = Math.floor((at - from) / stepMs)
    if (index >= 0 && index < counts.length) counts[index]! += events
  }
  if (stepMs >= HOUR_MS) for (const { at, events } of byHour) add(at, events)
  else for (const { step, events } of steps(db, { since, until, stepMs, topics })) add(step * stepMs, events)
  return { from, stepMs, counts }
}

interface Counted {
  readonly since: number
  readonly until: number
  readonly stepMs: number
  readonly topics: readonly number[] | null
}

function steps(db: Database, { since, until, stepMs, topics }: Counted): { step: number; events: number }[] {
  const edge = (sql: string, hour: number): number | null =>
    db.prepare<[number], number | null>(sql).pluck().get(hour) ?? null
  // Events that the trailing index has not reached are in no hour yet.
  const first = edge('SELECT min(first_event) FROM hours WHERE hour >= ?', Math.floor(since / HOUR_MS))
  const indexedTo = db.prepare<[], number>('SELECT indexed_to FROM journal').pluck().get() ?? 0
  const among = topics === null ? '' : 'AND topic IN (SELECT value FROM json_each(@topics))'
  return db
    .prepare<[object], { step: number; events: number }>(
      `SELECT at / @stepMs AS step, count(*) AS events FROM events
       WHERE id >= @first AND recorded = 1 AND at BETWEEN @since AND @until ${among} GROUP BY step`,
    )
    .all({
      stepMs,
      since,
      until,
      first: first ?? indexedTo + 1,
      ...(topics !== null && { topics: JSON.stringify(topics) }),
    })
}
