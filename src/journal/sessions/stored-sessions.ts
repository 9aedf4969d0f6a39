// Reads the stored sessions, the debts of shared subscriptions and the wills, when the hub starts.

import type { Database } from 'better-sqlite3'
import type { QoS } from '../../model/event.ts'
import type {
  StoredHandshake,
  StoredSession,
  StoredSessions,
  StoredShare,
  StoredSubscription,
  StoredWill,
} from '../../model/session.ts'
import { EventRows } from '../events/event-rows.ts'
import { mailboxes } from './mailboxes.ts'
import type { Owed } from './owed.ts'
import { retainedBy } from '../events/retained.ts'

export function storedSessions(db: Database, owed: Owed): StoredSessions {
  const sql = prepare(db)
  // A shared message that was under way to a session which ended with its hub waits for any member again.
  sql.unhand.run()
  const subscriptions = Map.groupBy(sql.subscriptions.all(), ({ session }) => session)
  const past = Map.groupBy(sql.past.all(), ({ session }) => session)
  const received = Map.groupBy(sql.received.all(), ({ session }) => session)
  const sent = Map.groupBy(sql.underWay.all(), ({ session }) => session)
  const fed = Map.groupBy(sql.fed.all(), ({ session }) => session)
  const asHandshake = handshakes(db)
  const waiting = mailboxes(db, owed)
  const sessions = sql.sessions.all().map((row): StoredSession => ({
    ...row,
    subscriptions: (subscriptions.get(row.number) ?? []).map(asSubscription),
    past: (past.get(row.number) ?? []).map((one) => ({ ...asSubscription(one), upTo: one.upTo })),
    received: (received.get(row.number) ?? []).map(({ packetId }) => packetId),
    sent: (sent.get(row.number) ?? []).map(asHandshake),
    fed: (fed.get(row.number) ?? []).map(({ filter, event }) => ({ filter, event })),
    owed: waiting.get(row.number) ?? new Float64Array(),
  }))
  const shares = Array.from(
    Map.groupBy(sql.shares.all(), ({ share }) => share),
    ([share, rows]): StoredShare => ({ share, events: Float64Array.from(rows, ({ event }) => event) }),
  )
  const wills = sql.wills.all().map(({ retain, ...will }): StoredWill => ({ ...will, retain: retain === 1 }))
  return { sessions, shares, wills, lastNumber: sql.lastNumber.get() ?? 0 }
}

const asSubscription = ({
  filter,
  qos,
  noLocal,
  retainAsPublished,
  identifier,
  since,
  retainedUpTo,
}: SubscriptionRow): StoredSubscription => ({
  filter,
  qos,
  noLocal: noLocal === 1,
  retainAsPublished: retainAsPublished === 1,
  identifier,
  since,
  retainedUpTo,
})

function handshakes(db: Database): (row: UnderWayRow) => StoredHandshake {
  const eventOf = new EventRows(db).select('WHERE id = ?')
  const retainedOf = retainedBy(db)
  return ({ packetId, event, released, qos, filter }) => ({
    packetId,
    qos,
    filter,
    event: released === 1 ? null : (eventOf(event)[0] ?? retainedOf(event) ?? null),
  })
}

interface UnderWayRow {
  readonly session: number
  readonly packetId: number
  readonly event: number
  readonly released: number
  readonly qos: 1 | 2
  readonly filter: string | null
}

type SubscriptionRow = Omit<StoredSubscription, 'noLocal' | 'retainAsPublished'> & {
  readonly session: number
  readonly noLocal: number
  readonly retainAsPublished: number
}

const prepare = (db: Database) => ({
  unhand: db.prepare(
    'UPDATE shared SET session = 0 WHERE session > 0 AND session NOT IN (SELECT number FROM sessions)',
  ),
  lastNumber: db
    .prepare<[], number | null>(
      `SELECT max(number) FROM (SELECT number FROM sessions
         UNION ALL SELECT session FROM wills UNION ALL SELECT number FROM ended_sessions)`,
    )
    .pluck(),
  fed: db.prepare<[], { session: number; filter: string; event: number }>(
    'SELECT session, filter, event FROM fed ORDER BY event',
  ),
  shares: db.prepare<[], { share: string; event: number }>(
    'SELECT share, event FROM shared WHERE session = 0 ORDER BY event',
  ),
  sessions: db.prepare<
    [],
    Omit<StoredSession, 'subscriptions' | 'past' | 'received' | 'sent' | 'fed' | 'owed'>
  >(
    `SELECT number, client, user, realm, expiry_seconds AS expirySeconds, gone_at AS goneAt,
       settled_up_to AS acknowledgedUpTo, sent_up_to AS sentUpTo
     FROM sessions ORDER BY number`,
  ),
  subscriptions: db.prepare<[], SubscriptionRow>(
    `SELECT session, filter, qos, no_local AS noLocal, retain_as_published AS retainAsPublished, identifier,
       since, retained_up_to AS retainedUpTo
     FROM subscriptions`,
  ),
  past: db.prepare<[], SubscriptionRow & { readonly upTo: number }>(
    `SELECT session, filter, qos, no_local AS noLocal, retain_as_published AS retainAsPublished, identifier,
       since, 0 AS retainedUpTo, up_to AS upTo
     FROM past_subscriptions`,
  ),
  received: db.prepare<[], { session: number; packetId: number }>(
    'SELECT session, packet_id AS packetId FROM handshakes_in',
  ),
  underWay: db.prepare<[], UnderWayRow>(
    `SELECT session, packet_id AS packetId, event, released, 2 AS qos, filter FROM handshakes_out
     UNION ALL SELECT session, packet_id, event, 0, 1, share FROM shared WHERE session > 0
     ORDER BY event`,
  ),
  wills: db.prepare<[], Omit<StoredWill, 'retain' | 'qos'> & { readonly qos: QoS; readonly retain: number }>(
    `SELECT session, client, topic, payload, qos, retain, properties, delay_seconds AS delaySeconds,
       due_at AS dueAt
     FROM wills ORDER BY session`,
  ),
})
