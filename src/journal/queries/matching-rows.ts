// Finds rows of events in a range of ids, or among some ids, for which everything holds that a query asks of an
// event itself. Each statement looks at a number of rows that its caller bounds.

import type { Database } from 'better-sqlite3'
import { ORIGINS } from '../../model/event.ts'
import { parseJsonCondition } from '../../model/json-condition.ts'
import type { JsonCondition } from '../../model/json-condition.ts'
import { jsonIn } from '../../model/hub-message.ts'
import type { EventConditions } from '../../model/queries.ts'

export interface FoundRow {
  readonly id: number
  readonly bytes: number
}

/** What the conditions are made of: names have become numbers. */
export interface RowConditions extends Omit<EventConditions, 'filter' | 'client'> {
  /** `null`: of all topics. */
  readonly topics: readonly number[] | null
  readonly client: number | undefined
}

export class MatchingRows {
  readonly limit: number
  readonly #parameters
  readonly #select

  constructor(db: Database, conditions: RowConditions, limit: number) {
    this.limit = limit
    this.#parameters = { ...matchingParameters(conditions), limit }
    const sql = matchingSql(conditions)
    const prepared = (name: keyof typeof sql) => once(() => db.prepare<[object], FoundRow>(sql[name]))
    this.#select = { newest: prepared('newest'), oldest: prepared('oldest'), among: prepared('among') }
  }

  /** Looks at the ids from `from` up to, but without `below`; newest first. */
  newest(from: number, below: number): FoundRow[] {
    return this.#select.newest().all({ ...this.#parameters, from, below })
  }

  oldest(from: number, below: number): FoundRow[] {
    return this.#select.oldest().all({ ...this.#parameters, from, below })
  }

  /** Newest first. */
  among(ids: readonly number[]): FoundRow[] {
    return this.#select.among().all({ ...this.#parameters, ids: JSON.stringify(ids) })
  }

  /** Whether a look ended because it had found enough. */
  isFull(found: readonly FoundRow[]): boolean {
    return found.length >= this.limit
  }
}

/** The statements of a search, each with a limit. They find their rows by id. */
export function matchingSql(conditions: RowConditions) {
  // length() does not read the payload.
  const select = `SELECT id, length(payload) AS bytes FROM events WHERE ${sqlOf(conditions)}`
  const range = 'AND id >= @from AND id < @below'
  const listed = 'AND id IN (SELECT value FROM json_each(@ids))'
  return {
    newest: `${select} ${range} ORDER BY id DESC LIMIT @limit`,
    oldest: `${select} ${range} ORDER BY id LIMIT @limit`,
    among: `${select} ${listed} ORDER BY id DESC LIMIT @limit`,
  }
}

function sqlOf({ topics, since, until, origin, client, contains, jsonPath }: RowConditions): string {
  return [
    'recorded = 1',
    topics !== null && 'topic IN (SELECT value FROM json_each(@topics))',
    since !== undefined && 'at >= @since',
    until !== undefined && 'at <= @until',
    origin !== undefined && 'origin = @origin',
    client !== undefined && 'client = @client',
    // Both are BLOBs, so their bytes are compared. What reads the payload comes last.
    contains !== undefined && 'instr(payload, @contains) > 0',
    jsonPath !== undefined && 'json_holds(payload, @jsonPath)',
  ]
    .filter((condition) => condition !== false)
    .join(' AND ')
}

export const matchingParameters = ({
  topics,
  since,
  until,
  origin,
  client,
  contains,
  jsonPath,
}: RowConditions) => ({
  topics: JSON.stringify(topics),
  since,
  until,
  origin: origin && ORIGINS.indexOf(origin),
  client,
  contains: contains === undefined ? undefined : Buffer.from(contains),
  jsonPath,
})

/** Gives SQLite the function `json_holds(payload, condition)`; see `parseJsonCondition`. */
export function registerJsonHolds(db: Database): void {
  let text: unknown
  let holds: JsonCondition = () => false
  db.function('json_holds', { deterministic: true }, (payload, condition) => {
    if (condition !== text) {
      holds = parseJsonCondition(condition as string)
      text = condition
    }
    const found = jsonIn(payload as Buffer)
    return found !== undefined && holds(found) ? 1 : 0
  })
}

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}
