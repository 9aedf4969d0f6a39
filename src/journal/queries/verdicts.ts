// Reads verdicts, the newest first. The table is in the order of events, so a page reads backwards from an
// event, as far as it must for verdicts that fit.

import type { Database } from 'better-sqlite3'
import type { VerdictsPage, VerdictsQuery } from '../../model/queries.ts'
import { STAGES } from '../../model/verdict.ts'
import type { Verdict } from '../../model/verdict.ts'
import { HOUR_MS } from '../events/trailing-index.ts'

type Row = Omit<Verdict, 'stage'> & { readonly stage: number }

/** A page ends between two events, never between two verdicts of one, unless one event has too many for a page. */
export function openVerdicts(db: Database): (query: VerdictsQuery) => VerdictsPage {
  const ruleNumber = db.prepare<[string], number>('SELECT id FROM rules WHERE name = ?').pluck()
  const firstSince = db
    .prepare<[number], number | null>('SELECT min(first_event) FROM hours WHERE hour >= ?')
    .pluck()
  return ({ rule, stage, since, before, limit }) => {
    const number = rule === undefined ? undefined : ruleNumber.get(rule)
    if (rule !== undefined && number === undefined) return { verdicts: [], isAll: true }
    // Events that the trailing index has not reached are in no hour yet.
    const from = since === undefined ? null : firstSince.get(Math.floor(since / HOUR_MS))
    const conditions = [
      before !== undefined && 'event < @before',
      typeof from === 'number' && 'event >= @from',
      number !== undefined && 'rule = @rule',
      stage !== undefined && 'stage = @stage',
      since !== undefined && 'at >= @since',
    ].filter((condition) => condition !== false)
    const rows = db
      .prepare<[object], Row>(
        `SELECT rules.name AS rule, key, event, stage, reason, at
         FROM verdicts CROSS JOIN rules ON rules.id = verdicts.rule
         ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ').replaceAll('rule = ', 'verdicts.rule = ')}`}
         ORDER BY event DESC, verdicts.rule, key, stage LIMIT @limit`,
      )
      .all({
        before,
        since,
        limit: limit + 1,
        ...(typeof from === 'number' && { from }),
        ...(number !== undefined && { rule: number }),
        ...(stage !== undefined && { stage: STAGES.indexOf(stage) }),
      })
    const cut = rows[limit]?.event
    const whole = rows.filter(({ event }) => event !== cut)
    const kept = whole.length > 0 ? whole : rows.slice(0, limit)
    const verdicts = kept.map((row): Verdict => ({ ...row, stage: STAGES[row.stage]! }))
    return { verdicts, isAll: cut === undefined }
  }
}
