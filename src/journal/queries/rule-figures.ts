// Counts verdicts by rule and stage. The table of verdicts is in the order of events, so only those on the newest
// events are read, and on no more of them than are counted quickly.

import type { Database } from 'better-sqlite3'
import type { Queries } from '../../model/queries.ts'
import { STAGES } from '../../model/verdict.ts'
import type { Stage } from '../../model/verdict.ts'
import { HOUR_MS } from '../events/trailing-index.ts'

/** Verdicts that are counted at most. */
const MOST_VERDICTS = 300_000

/** The caller holds a read transaction. */
export function openRuleFigures(db: Database, most = MOST_VERDICTS): Queries['ruleFigures'] {
  const firstSince = db
    .prepare<[number], number>(
      `SELECT coalesce((SELECT min(first_event) FROM hours WHERE hour >= ?), indexed_to + 1) FROM journal`,
    )
    .pluck()
  /** The newest verdict beyond those that are counted. */
  const beyond = db.prepare<[number, number], { event: number; at: number }>(
    'SELECT event, at FROM verdicts WHERE event >= ? ORDER BY event DESC LIMIT 1 OFFSET ?',
  )
  const counted = db.prepare<[number, number], { rule: string; stage: number; count: number }>(
    `SELECT name AS rule, stage, count FROM (
       SELECT rule, stage, count(*) AS count FROM verdicts WHERE event >= ? AND at >= ? GROUP BY rule, stage
     ) AS counts JOIN rules ON rules.id = counts.rule`,
  )
  const lastRun = db.prepare<[string], { id: number; at: number }>(
    'SELECT id, planned_at AS at FROM runs WHERE rule = ? ORDER BY id DESC LIMIT 1',
  )
  return ({ rules, since }) => {
    const first = firstSince.get(Math.floor(since / HOUR_MS))!
    const last = beyond.get(first, most)
    const from = last === undefined ? first : last.event + 1
    const byRule = new Map<string, Partial<Record<Stage, number>>>()
    for (const { rule, stage, count } of counted.all(from, since))
      byRule.set(rule, { ...byRule.get(rule), [STAGES[stage]!]: count })
    return {
      since: Math.max(since, last?.at ?? since),
      figures: rules.map((rule) => ({
        rule,
        verdicts: byRule.get(rule) ?? {},
        lastRun: lastRun.get(rule) ?? null,
      })),
    }
  }
}
