// Reads all topics that the journal knows, in the order of their names, each with its last message and the
// number of its events. What is read for one page depends on the size of the page alone, but for the names.

import type { Database } from 'better-sqlite3'
import type { Event } from '../../model/event.ts'
import type {
  LastEvent,
  LastEventsQuery,
  PayloadSearch,
  PayloadsFound,
  TopicsPage,
  TopicsQuery,
  TopicStatus,
} from '../../model/queries.ts'
import { topicMatches } from '../../topics/matches.ts'
import type { EventRows } from '../events/event-rows.ts'
import { openRetainedReads } from '../events/retained.ts'
import { TopicEvents } from '../events/slices.ts'
import { namesFor } from './names-for.ts'

/** How many excluded events are passed over to find the last one of a topic. */
const MOST_PASSED = 100

interface Row {
  readonly id: number
  readonly name: string
}

/** What is known of a topic by its events that the trailing index has not reached, or by the index. */
interface Tally {
  readonly topic: number
  readonly events: number
  /** The newest one that is recorded. */
  readonly lastEvent: number | null
}

/** So much of a payload is searched. */
const SEARCHED_BYTES = 4_096

export interface Topics {
  page(query: TopicsQuery): TopicsPage
  lastEvents(query: LastEventsQuery): LastEvent[]
  searchPayloads(query: PayloadSearch): PayloadsFound
}

/** The caller holds a read transaction, so that a page shows one moment. */
export function openTopics(db: Database, events: EventRows): Topics {
  const names = db.prepare<[string, string], Row>(
    'SELECT id, name FROM topics WHERE name >= ? AND name < ? ORDER BY name',
  )
  const called = db.prepare<[string], Row>(
    'SELECT id, name FROM topics WHERE name IN (SELECT value FROM json_each(?))',
  )
  const indexedTo = db.prepare<[], number>('SELECT indexed_to FROM journal').pluck()
  const indexed = db.prepare<[{ topics: string }], { readonly topic: number; readonly events: number }>(
    `SELECT topic, sum(events) AS events FROM (
       SELECT topic, events FROM topic_hours WHERE topic IN (SELECT value FROM json_each(@topics))
       UNION ALL
       SELECT topic, events FROM recent_parts CROSS JOIN recent_slices USING (part)
       WHERE topic IN (SELECT value FROM json_each(@topics))
         AND events > 0 AND base <= (SELECT indexed_to FROM journal)
     ) GROUP BY topic`,
  )
  const unindexed = db.prepare<[{ topics: string; indexedTo: number }], Tally>(
    `SELECT topic, sum(recorded) AS events, max(iif(recorded, id, NULL)) AS lastEvent FROM events
     WHERE id > @indexedTo AND topic IN (SELECT value FROM json_each(@topics)) GROUP BY topic`,
  )
  const isRetained = db.prepare<[number], number>('SELECT event FROM retained WHERE topic = ?').pluck()
  const event = events.select('WHERE id = ? AND recorded = 1')
  const retained = openRetainedReads(db)
  const topicEvents = new TopicEvents(db)

  function named({ filter = '', text = '', after, limit }: TopicsQuery): {
    rows: Row[]
    isAll: boolean
  } {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean)
    const rows: Row[] = []
    for (const row of names.iterate(...namesFor(filter === '' ? '#' : filter, after))) {
      if (filter !== '' && !topicMatches(filter, row.name)) continue
      const name = row.name.toLowerCase()
      if (!words.every((word) => name.includes(word))) continue
      if (rows.length === limit) return { rows, isAll: false }
      rows.push(row)
    }
    return { rows, isAll: true }
  }

  function lastOn({ id, name }: Row, unindexedLast: number | null, indexedUpTo: number): Event | null {
    const found = unindexedLast === null ? lastIndexed(id, indexedUpTo) : event(unindexedLast)[0]
    // The retained message outlives its event.
    return found ?? retained(id, name, 0, Number.MAX_SAFE_INTEGER) ?? null
  }

  /** Events that the history excludes stand in the index until the engine has taken them. */
  function lastIndexed(topic: number, indexedUpTo: number): Event | undefined {
    let passed = 0
    for (const id of topicEvents.newest(topic, 1, indexedUpTo + 1)) {
      const [found] = event(id)
      if (found !== undefined || ++passed === MOST_PASSED) return found
    }
    return undefined
  }

  /** Finds the last message of each row when it is asked for it. */
  function lastOf(rows: readonly Row[]) {
    const upTo = indexedTo.get()!
    const topics = JSON.stringify(rows.map(({ id }) => id))
    const newer = new Map(unindexed.all({ topics, indexedTo: upTo }).map((row) => [row.topic, row]))
    return { newer, last: (row: Row) => lastOn(row, newer.get(row.id)?.lastEvent ?? null, upTo) }
  }

  function page(query: TopicsQuery): TopicsPage {
    const { bytes = Infinity } = query
    const { rows, isAll } = named(query)
    const topics = JSON.stringify(rows.map(({ id }) => id))
    const counted = new Map(indexed.all({ topics }).map((row) => [row.topic, row.events]))
    const { newer, last: lastOfRow } = lastOf(rows)
    const found: TopicStatus[] = []
    let size = 0
    for (const row of rows) {
      if (size >= bytes) return { topics: found, isAll: false }
      const last = lastOfRow(row)
      found.push({
        topic: row.name,
        events: (counted.get(row.id) ?? 0) + (newer.get(row.id)?.events ?? 0),
        last,
        retained: isRetained.get(row.id) !== undefined,
      })
      size += last?.payload.length ?? 0
    }
    return { topics: found, isAll }
  }

  return {
    page,
    lastEvents({ topics, bytes }) {
      const rows = called.all(JSON.stringify(topics))
      const { last } = lastOf(rows)
      return rows.flatMap((row) => {
        const found = last(row)
        if (found === null) return []
        const { id, at, qos, retain, payload } = found
        // A view of the payload would be sent to another thread with all that it is a view of.
        const beginning = payload.slice(0, bytes)
        return { topic: row.name, event: id, at, qos, retain, payload: beginning, bytes: payload.length }
      })
    },
    searchPayloads({ text, after, limit }) {
      const { rows, isAll } = named({ after, limit })
      const { last } = lastOf(rows)
      const wanted = text.toLowerCase()
      const contains = (row: Row): boolean => {
        const payload = last(row)?.payload.subarray(0, SEARCHED_BYTES)
        return payload !== undefined && Buffer.from(payload).toString().toLowerCase().includes(wanted)
      }
      return {
        topics: rows.filter(contains).map(({ name }) => name),
        after: isAll ? null : (rows.at(-1)?.name ?? null),
      }
    },
  }
}
