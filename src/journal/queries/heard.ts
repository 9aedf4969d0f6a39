// The next events on topics that somebody listens to, read behind a cursor: by the engine, and by bridges.

import type { Database } from 'better-sqlite3'
import type { Heard } from '../../model/store.ts'
import type { EventRows } from '../events/event-rows.ts'

/** The most events that one call looks through, so that little is read twice where most events are heard. */
const STRETCH = 2_048

/** See `EngineReads.heardAfter`. Skipping an event that nobody hears costs a tenth of reading it. */
export function openHeard(db: Database, events: EventRows) {
  const lastId = db.prepare<[], number | null>('SELECT max(id) FROM events').pluck()
  const topicsWithin = db
    .prepare<[number, number], number>('SELECT DISTINCT topic FROM events WHERE id > ? AND id <= ?')
    .pluck()
  const on = 'WHERE id > ? AND id <= ? AND topic IN (SELECT value FROM json_each(?)) ORDER BY id LIMIT ?'
  const sizesOn = db
    .prepare<[number, number, string, number], [number, number]>(
      `SELECT id, length(payload) FROM events ${on}`,
    )
    .raw()
  const eventsOn = events.select(on)
  return (after: number, limit: number, bytes: number, isHeard: (topic: string) => boolean): Heard => {
    const last = lastId.get() ?? 0
    const end = Math.min(last, after + STRETCH)
    const heard = topicsWithin.all(after, end).filter((topic) => isHeard(events.topics.name(topic)))
    if (heard.length === 0) return { events: [], upTo: end, isAll: end >= last }
    const topics = JSON.stringify(heard)
    const sizes = sizesOn.all(after, end, topics, limit)
    let left = bytes
    const cut = sizes.find(([, size]) => (left -= size) <= 0)?.[0]
    const upTo = cut ?? (sizes.length === limit ? sizes.at(-1)![0] : end)
    return { events: eventsOn(after, upTo, topics, limit), upTo, isAll: upTo >= last }
  }
}
