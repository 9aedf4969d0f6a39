// Reads and writes the pauses of rules. Whoever writes holds a savepoint.

import type { Database } from 'better-sqlite3'
import type { RulePause } from '../../model/rule-pause.ts'
import type { Change } from '../../model/store.ts'

const SELECT = `SELECT rule, state, reason, by, event, since_at AS sinceAt, for_ms AS forMs, until_at AS untilAt,
  resumed_at AS resumedAt, resumed_by AS resumedBy, version FROM rule_pauses`

export interface RulePauseReads {
  /** In the order of their rules. */
  all(): RulePause[]
  /** Those of which the newest version may not have been published. */
  unpublished(): RulePause[]
}

export function openRulePauses(db: Database): RulePauseReads {
  const all = db.prepare<[], RulePause>(`${SELECT} ORDER BY rule`)
  const unpublished = db.prepare<[], RulePause>(`${SELECT} WHERE published < version ORDER BY rule`)
  return { all: () => all.all(), unpublished: () => unpublished.all() }
}

export class RulePauseWriter {
  readonly #put
  readonly #published

  constructor(db: Database) {
    this.#put = db.prepare(
      `INSERT INTO rule_pauses (rule, state, reason, by, event, since_at, for_ms, until_at, resumed_at,
         resumed_by, version)
       VALUES (@rule, @state, @reason, @by, @event, @sinceAt, @forMs, @untilAt, @resumedAt, @resumedBy, @version)
       ON CONFLICT DO UPDATE SET state = excluded.state, reason = excluded.reason, by = excluded.by,
         event = excluded.event, since_at = excluded.since_at, for_ms = excluded.for_ms,
         until_at = excluded.until_at, resumed_at = excluded.resumed_at, resumed_by = excluded.resumed_by,
         version = excluded.version`,
    )
    this.#published = db.prepare('UPDATE rule_pauses SET published = ? WHERE rule = ? AND published < ?')
  }

  write({ rulePauses, rulePausesPublished }: Change): void {
    for (const pause of rulePauses ?? []) this.#put.run(pause)
    for (const { rule, version } of rulePausesPublished ?? []) this.#published.run(version, rule, version)
  }
}
