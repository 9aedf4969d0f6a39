// Finds in the journal what every session is owed: topic by topic in the index, then among the events that
// the index has not reached. The cost grows with what is owed, not with the history.

import type { Database } from 'better-sqlite3'
import { owedAt } from '../../model/owed-events.ts'
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
  /** The claims on a topic, by session. */
  const claims = new Map<number, Map<number, Claim[]>>()
  for (const topic of sql.topics.iterate()) {
    const claimed = owed.claimsOn(topics.name(topic))
    if (claimed.length > 0)
      claims.set(
        topic,
        Map.groupBy(claimed, ({ session }) => session),
      )
  }
  const collect = ({ id, topic, client, flags }: Row): void => {
    const event = { id, client, qos: qosOf(flags) }
    for (const [session, asked] of claims.get(topic) ?? []) {
      if (owedAt(event, owed.standings.get(session)!, asked) === 0) continue
      const ids = found.get(session)
      if (ids === undefined) found.set(session, [id])
      else ids.push(id)
    }
  }
  for (const [topic, claimed] of claims) {
    const standings = Array.from(claimed.keys(), (session) => owed.standings.get(session)!)
    const after = Math.min(...standings.map(({ acknowledgedUpTo }) => acknowledgedUpTo))
    // A session whose queue is full is owed nothing after that, however much has come since.
    const upTo = Math.max(...standings.map(({ owedUpTo }) => owedUpTo))
    for (const row of sql.indexed.iterate({ topic, after, upTo })) collect(row)
  }
  const after = Math.min(...[...owed.standings.values()].map(({ acknowledgedUpTo }) => acknowledgedUpTo))
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
