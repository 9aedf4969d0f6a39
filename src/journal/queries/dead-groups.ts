// Groups dead runs by rule and error, so that a service that was down is one row and not a thousand. Numbers and
// identifiers in an error count as the same error.

import type { Database } from 'better-sqlite3'
import type { DeadGroup } from '../../model/queries.ts'
import type { Outcome } from '../../model/outcome.ts'

/** Dead runs that are looked at, the newest. */
const MOST_RUNS = 20_000
/** Runs that a group names. */
const MOST_NAMED = 500

interface Row {
  readonly id: number
  readonly rule: string
  readonly at: number
  readonly reason: string | null
  readonly outcome: string | null
}

export function openDeadGroups(db: Database): () => DeadGroup[] {
  // The first dead step says why. SQLite uses the partial index `runs_not_done` as the condition repeats its own.
  const rows = db.prepare<[], Row>(
    `SELECT id, rule, coalesce(ended_at, planned_at) AS at, reason,
       (SELECT outcome FROM steps WHERE run = runs.id AND steps.state = 'dead' ORDER BY path LIMIT 1) AS outcome
     FROM runs WHERE state <> 'done' AND state = 'dead' ORDER BY id DESC LIMIT ${MOST_RUNS}`,
  )
  return () => {
    const groups = new Map<
      string,
      Omit<{ -readonly [Name in keyof DeadGroup]: DeadGroup[Name] }, 'runs'> & { runs: number[] }
    >()
    for (const { id, rule, at, reason, outcome } of rows.iterate()) {
      const said = reason ?? reasonIn(outcome)
      const error = likened(said)
      const key = JSON.stringify([rule, error])
      const group = groups.get(key)
      if (group === undefined)
        groups.set(key, {
          rule,
          error,
          count: 1,
          sample: said,
          runs: [id],
          newest: id,
          oldest: id,
          lastAt: at,
          firstAt: at,
        })
      else {
        group.count++
        if (group.runs.length < MOST_NAMED) group.runs.push(id)
        group.oldest = id
        group.firstAt = at
      }
    }
    return [...groups.values()].toSorted((one, other) => other.count - one.count || other.newest - one.newest)
  }
}

function reasonIn(outcome: string | null): string {
  if (outcome === null) return ''
  const ended = JSON.parse(outcome) as Outcome
  return ended.kind === 'done' ? '' : ended.reason
}

/** The error without what differs from one time to the next: ids, numbers, addresses. */
export const likened = (reason: string): string =>
  reason
    .replaceAll(/\b(?=[0-9a-f-]*\d)[0-9a-f]{6,}(?:-[0-9a-f]+)*\b/gi, '…')
    .replaceAll(/\d+(?:[.:]\d+)*/g, '…')
