// Retained messages by topic filter, in the order of their topics, a page at a time.

import type { Database } from 'better-sqlite3'
import type { RetainedCount, RetainedQuery } from '../../model/queries.ts'
import type { RetainedMessage } from '../../model/store.ts'
import { hidesRoot } from '../../topics/hidden.ts'
import { topicMatches } from '../../topics/matches.ts'
import { namesFor } from './names-for.ts'

interface Head {
  readonly topic: number
  readonly name: string
  readonly event: number
  readonly bytes: number
}

/** The caller holds a read transaction. */
export function openRetainedPages(db: Database) {
  // length() does not read the payload.
  const heads = db.prepare<[string, string], Head>(
    `SELECT topics.id AS topic, name, event, length(payload) AS bytes
     FROM topics CROSS JOIN retained ON retained.topic = topics.id
     WHERE name >= ? AND name < ? ORDER BY name`,
  )
  const message = db.prepare<[number], Omit<RetainedMessage, 'topic'>>(
    'SELECT event, at, payload, qos, properties FROM retained WHERE topic = ?',
  )

  function* matching({ filter, hiddenRoot, after }: Omit<RetainedQuery, 'limit'>): Generator<Head> {
    const hides = hidesRoot(hiddenRoot)
    for (const head of heads.iterate(...namesFor(filter, after)))
      if (topicMatches(filter, head.name, hides)) yield head
  }

  return {
    page(query: RetainedQuery): RetainedMessage[] {
      const { limit, bytes = Infinity } = query
      const wanted: Head[] = []
      let size = 0
      for (const head of matching(query)) {
        wanted.push(head)
        size += head.bytes
        if (wanted.length === limit || size >= bytes) break
      }
      return wanted.map(({ topic, name }) => ({ topic: name, ...message.get(topic)! }))
    },
    count(query: Pick<RetainedQuery, 'filter' | 'hiddenRoot'>): RetainedCount {
      let count = 0
      let upTo = 0
      for (const { event } of matching(query)) {
        count++
        upTo = Math.max(upTo, event)
      }
      return { count, upTo }
    },
  }
}
