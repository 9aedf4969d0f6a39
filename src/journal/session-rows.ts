// Writes what becomes of sessions, and reads all of it back at the start.

import type { Database } from 'better-sqlite3'
import type { QoS } from '../model/event.ts'
import type {
  Handshake,
  SessionChange,
  StoredHandshake,
  StoredSession,
  StoredSessions,
  StoredShare,
  StoredSubscription,
  StoredWill,
} from '../model/session.ts'
import { EventRows } from './event-rows.ts'
import { mailboxes } from './mailboxes.ts'
import { Owed } from './owed.ts'

export class SessionRows {
  readonly owed: Owed
  readonly #db: Database
  readonly #sql

  constructor(db: Database) {
    this.#db = db
    this.#sql = prepare(db)
    this.owed = new Owed(db)
  }

  write(changes: readonly SessionChange[]): void {
    /** The newest event that was sent in this group, by session: said once. */
    const sentUpTo = new Map<number, number>()
    for (const change of changes) {
      this.#write(change)
      this.owed.take(change)
      if (change.kind === 'sent') {
        sentUpTo.set(change.session, Math.max(change.event, sentUpTo.get(change.session) ?? 0))
      }
    }
    for (const [session, event] of sentUpTo) this.#sql.sentUpTo.run(event, session)
  }

  #write(change: SessionChange): void {
    const sql = this.#sql
    switch (change.kind) {
      case 'opened':
        return void sql.open.run(change)
      case 'left':
        return void sql.leave.run(change)
      case 'ended':
        for (const statement of sql.end) statement.run(change.session)
        return
      case 'subscribed': {
        const { filter, qos, noLocal, retainAsPublished, identifier, since } = change.subscription
        const flags = [Number(noLocal), Number(retainAsPublished)]
        return void sql.subscribe.run(change.session, filter, qos, ...flags, identifier, since)
      }
      case 'unsubscribed':
        return void sql.unsubscribe.run(change.session, change.filter)
      case 'settled':
        return void sql.settle.run(change)
      case 'dissolved':
        return void sql.dissolve.run(change.share)
      case 'will': {
        const { will } = change
        return void sql.will.run({ ...will, retain: Number(will.retain) })
      }
      case 'will-due':
        return void sql.willDue.run(change.dueAt, change.session)
      case 'will-gone':
        return void sql.willGone.run(change.session)
      default:
        this.#handshake(change)
    }
  }

  #handshake({ kind, session, packetId, event, share }: Handshake): void {
    const sql = this.#sql
    switch (kind) {
      case 'took':
        return void sql.took.run(session, packetId)
      case 'let-go':
        return void sql.letGo.run(session, packetId)
      case 'sent':
        return void sql.sent.run(session, packetId, event, share)
      case 'released':
        return void sql.released.run(session, packetId)
      case 'done':
        return void sql.done.run(session, packetId)
      case 'shared':
        return void sql.share.run(event, share, session, packetId)
      case 'unshared':
        return void sql.unshare.run(event, share)
      default:
        kind satisfies never
    }
  }

  stored(): StoredSessions {
    const sql = this.#sql
    // What was under way to a session that ended with its hub waits again.
    sql.unhand.run()
    const subscriptions = Map.groupBy(sql.subscriptions.all(), ({ session }) => session)
    const received = Map.groupBy(sql.received.all(), ({ session }) => session)
    const sent = Map.groupBy(sql.underWay.all(), ({ session }) => session)
    const eventOf = new EventRows(this.#db).select('WHERE id = ?')
    const owed = mailboxes(this.#db, this.owed)
    const wills = sql.wills
      .all()
      .map(({ retain, ...will }): StoredWill => ({ ...will, retain: retain === 1 }))
    const sessions = sql.sessions.all().map((row): StoredSession => ({
      ...row,
      subscriptions: (subscriptions.get(row.number) ?? []).map(
        ({ filter, qos, noLocal, retainAsPublished, identifier, since }): StoredSubscription => ({
          filter,
          qos,
          noLocal: noLocal === 1,
          retainAsPublished: retainAsPublished === 1,
          identifier,
          since,
        }),
      ),
      received: (received.get(row.number) ?? []).map(({ packetId }) => packetId),
      sent: (sent.get(row.number) ?? []).map(
        ({ packetId, event, released, qos, share }): StoredHandshake => ({
          packetId,
          qos,
          share,
          event: released === 1 ? null : (eventOf(event)[0] ?? null),
        }),
      ),
      owed: owed.get(row.number) ?? new Float64Array(),
    }))
    return { sessions, shares: this.#shares(), wills }
  }

  #shares(): StoredShare[] {
    const shares = Map.groupBy(this.#sql.shares.all(), ({ share }) => share)
    return Array.from(shares, ([share, rows]) => ({
      share,
      events: Float64Array.from(rows, ({ event }) => event),
    }))
  }
}

interface UnderWayRow {
  readonly session: number
  readonly packetId: number
  readonly event: number
  readonly released: number
  readonly qos: 1 | 2
  readonly share: string | null
}

type SubscriptionRow = Omit<StoredSubscription, 'noLocal' | 'retainAsPublished'> & {
  readonly session: number
  readonly noLocal: number
  readonly retainAsPublished: number
}

const prepare = (db: Database) => ({
  open: db.prepare(
    `INSERT INTO sessions (number, client, user, expiry_seconds, settled_up_to, sent_up_to)
     VALUES (@session, @client, @user, @expirySeconds, @settledUpTo, @settledUpTo)
     ON CONFLICT (number) DO UPDATE SET user = excluded.user, expiry_seconds = excluded.expiry_seconds, gone_at = NULL`,
  ),
  leave: db.prepare('UPDATE sessions SET gone_at = @goneAt WHERE number = @session'),
  end: [
    'sessions WHERE number',
    ...['subscriptions', 'handshakes_in', 'handshakes_out'].map((table) => `${table} WHERE session`),
  ].map((rows) => db.prepare<[number]>(`DELETE FROM ${rows} = ?`)),
  subscribe: db.prepare('INSERT OR REPLACE INTO subscriptions VALUES (?, ?, ?, ?, ?, ?, ?)'),
  unsubscribe: db.prepare('DELETE FROM subscriptions WHERE session = ? AND filter = ?'),
  settle: db.prepare(
    `UPDATE sessions
     SET settled_up_to = @upTo, sent_up_to = max(sent_up_to, @sentUpTo), owed_up_to = @owedUpTo
     WHERE number = @session`,
  ),
  sentUpTo: db.prepare('UPDATE sessions SET sent_up_to = max(sent_up_to, ?) WHERE number = ?'),
  will: db.prepare(
    `INSERT OR REPLACE INTO wills
       (session, client, topic, payload, qos, retain, properties, delay_seconds, due_at)
     VALUES (@session, @client, @topic, @payload, @qos, @retain, @properties, @delaySeconds, @dueAt)`,
  ),
  willDue: db.prepare('UPDATE wills SET due_at = ? WHERE session = ?'),
  willGone: db.prepare('DELETE FROM wills WHERE session = ?'),
  took: db.prepare('INSERT OR REPLACE INTO handshakes_in VALUES (?, ?)'),
  letGo: db.prepare('DELETE FROM handshakes_in WHERE session = ? AND packet_id = ?'),
  sent: db.prepare(
    'INSERT OR REPLACE INTO handshakes_out (session, packet_id, event, share) VALUES (?, ?, ?, ?)',
  ),
  released: db.prepare('UPDATE handshakes_out SET released = 1 WHERE session = ? AND packet_id = ?'),
  done: db.prepare('DELETE FROM handshakes_out WHERE session = ? AND packet_id = ?'),
  share: db.prepare('INSERT OR REPLACE INTO shared VALUES (?, ?, ?, ?)'),
  unshare: db.prepare('DELETE FROM shared WHERE event = ? AND share = ?'),
  dissolve: db.prepare('DELETE FROM shared WHERE share = ? AND session = 0'),
  unhand: db.prepare(
    'UPDATE shared SET session = 0 WHERE session > 0 AND session NOT IN (SELECT number FROM sessions)',
  ),
  shares: db.prepare<[], { share: string; event: number }>(
    'SELECT share, event FROM shared WHERE session = 0 ORDER BY event',
  ),
  sessions: db.prepare<[], Omit<StoredSession, 'subscriptions' | 'received' | 'sent' | 'owed'>>(
    `SELECT number, client, user, expiry_seconds AS expirySeconds, gone_at AS goneAt,
       settled_up_to AS settledUpTo, sent_up_to AS sentUpTo
     FROM sessions ORDER BY number`,
  ),
  subscriptions: db.prepare<[], SubscriptionRow>(
    `SELECT session, filter, qos, no_local AS noLocal, retain_as_published AS retainAsPublished, identifier, since
     FROM subscriptions`,
  ),
  received: db.prepare<[], { session: number; packetId: number }>(
    'SELECT session, packet_id AS packetId FROM handshakes_in',
  ),
  underWay: db.prepare<[], UnderWayRow>(
    `SELECT session, packet_id AS packetId, event, released, 2 AS qos, share FROM handshakes_out
     UNION ALL SELECT session, packet_id, event, 0, 1, share FROM shared WHERE session > 0
     ORDER BY event`,
  ),
  wills: db.prepare<[], Omit<StoredWill, 'retain' | 'qos'> & { readonly qos: QoS; readonly retain: number }>(
    `SELECT session, client, topic, payload, qos, retain, properties, delay_seconds AS delaySeconds, due_at AS dueAt
     FROM wills ORDER BY session`,
  ),
})
