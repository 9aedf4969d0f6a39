// What queries need beside the events themselves: events by topic, counts by hour. Kept inline it would make an insert ten
// times as dear, so it trails behind in slices; queries read it up to `indexed_to`, and the events after that themselves.

import type { Database } from 'better-sqlite3'
import { RECORDED } from './event-flags.ts'

export const HOUR_MS = 3_600_000

export class TrailingIndex {
  #indexedTo: number
  readonly #indexedToNow
  readonly #fill

  constructor(db: Database) {
    const range = 'FROM events WHERE id > @after AND id <= @to'
    const sums = 'count(*), sum(length(payload))'
    this.#indexedToNow = db.prepare<[], number>('SELECT indexed_to FROM journal').pluck()
    this.#indexedTo = this.#indexedToNow.get()!
    this.#fill = [
      `INSERT INTO topic_events SELECT topic, id ${range} ORDER BY topic, id`,
      `INSERT INTO topic_hours SELECT topic, at / ${HOUR_MS}, ${sums} ${range} AND flags & ${RECORDED} GROUP BY 1, 2
       ON CONFLICT DO UPDATE SET events = events + excluded.events, bytes = bytes + excluded.bytes`,
      `INSERT INTO hours SELECT at / ${HOUR_MS}, ${sums}, min(id), max(id) ${range} AND flags & ${RECORDED} GROUP BY 1
       ON CONFLICT DO UPDATE SET events = events + excluded.events, bytes = bytes + excluded.bytes,
         first_event = min(first_event, excluded.first_event), last_event = max(last_event, excluded.last_event)`,
      `UPDATE clients SET last_event = newest.id
       FROM (SELECT client, max(id) AS id ${range} GROUP BY client) AS newest WHERE clients.id = newest.client`,
      `UPDATE journal
       SET indexed_events = indexed_events + (SELECT count(*) ${range} AND flags & ${RECORDED}), indexed_to = @to`,
    ].map((sql) => db.prepare<[{ after: number; to: number }]>(sql))
  }

  get indexedTo(): number {
    return this.#indexedTo
  }

  /** Within a transaction: goes on up to this event. */
  fillTo(id: number): void {
    for (const statement of this.#fill) statement.run({ after: this.#indexedTo, to: id })
    this.#indexedTo = id
  }

  /** After a rollback. */
  reread(): void {
    this.#indexedTo = this.#indexedToNow.get()!
  }
}
