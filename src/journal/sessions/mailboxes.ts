// What every session is owed, found in the journal itself: topic by topic through the index, then the events that the index has not
// reached. It costs what is owed, not what is recorded.

import type { Database } from 'better-sqlite3'
import { QOS, qosOf } from '../events/event-flags.ts'
import { Names } from '../database/names.ts'
import type { Claim, Owed } from './owed.ts'

interface Row {
  readonly id: number
  readonly topic: number
  readonly client: string | null
  readonly flags: number
}

/** The ids of the events that each session is owed and that are not under way, oldest first. */
export function mailboxes(db: Database, owed: Owed): Map<number, Float64Array> {
  const found = new Map<number, number[]>()
  if (owed.standings.size === 0) return new Map()
  const sql = prepare(db)
  const topics = new Names(db, 'topics')
  const claims = new Map<number, Claim[]>()
  for (const topic of sql.topics.iterate()) {
    const claimed = owed.claimsOn(topics.name(topic))
    if (claimed.length > 0) claims.set(topic, claimed)
  }
  const collect = (row: Row): void => {
    const sessions = new Map<number, number>()
    for (const { session, qos, noLocal, since, upTo } of claims.get(row.topic) ?? []) {
      const { client } = owed.standings.get(session)!
      if (row.id <= since || row.id > upTo || (noLocal && row.client === client)) continue
      sessions.set(session, Math.max(qos, sessions.get(session) ?? 0))
    }
    for (const [session, asked] of sessions) {
      const { settledUpTo, sentUpTo, owedUpTo } = owed.standings.get(session)!
      const qos = Math.min(asked, qosOf(row.flags))
      if (qos === 0 || row.id <= settledUpTo || row.id > owedUpTo) continue
      if (qos === 2 && row.id <= sentUpTo) continue
      const ids = found.get(session)
      if (ids === undefined) found.set(session, [row.id])
      else ids.push(row.id)
    }
  }
  for (const [topic, claimed] of claims) {
    const standings = claimed.map(({ session }) => owed.standings.get(session)!)
    const after = Math.min(...standings.map(({ settledUpTo }) => settledUpTo))
    // Whose queue is full is owed nothing after that, however much has come since.
    const upTo = Math.max(...standings.map(({ owedUpTo }) => owedUpTo))
    for (const row of sql.indexed.iterate({ topic, after, upTo })) collect(row)
  }
  const after = Math.min(...[...owed.standings.values()].map(({ settledUpTo }) => settledUpTo))
  for (const row of sql.unindexed.iterate({ after })) collect(row)
  return new Map(Array.from(found, ([session, ids]) => [session, Float64Array.from(ids).toSorted()]))
}

const prepare = (db: Database) => {
  const columns = 'events.id, events.topic, clients.name AS client, events.flags'
  const named = 'LEFT JOIN clients ON clients.id = events.client'
  return {
    topics: db.prepare<[], number>('SELECT id FROM topics').pluck(),
    indexed: db.prepare<[{ topic: number; after: number; upTo: number }], Row>(
      `SELECT ${columns} FROM topic_events CROSS JOIN events ON events.id = topic_events.id ${named}
       WHERE topic_events.topic = @topic AND topic_events.id > @after
         AND topic_events.id <= @upTo AND events.flags & ${QOS}`,
    ),
    unindexed: db.prepare<[{ after: number }], Row>(
      `SELECT ${columns} FROM events ${named}
       WHERE events.id > max(@after, (SELECT indexed_to FROM journal)) AND events.flags & ${QOS}`,
    ),
  }
}
