// Writes the changes of sessions to their tables.

import type { Database } from 'better-sqlite3'
import type { Handshake, SessionChange } from '../../model/session.ts'
import type { Hides } from '../../topics/hidden.ts'
import { EndedSessions } from './ended-sessions.ts'
import { Owed } from './owed.ts'

export class SessionRows {
  readonly owed: Owed
  readonly ended: EndedSessions
  readonly #sql

  /** @param hides what wildcards of clients in the first level leave out; by default what begins with `$` */
  constructor(db: Database, hides?: Hides) {
    this.#sql = prepare(db)
    this.owed = new Owed(db, hides)
    this.ended = new EndedSessions(db, this.owed)
  }

  /** Reads what is held in memory from the tables again, after a rollback. */
  reread(): void {
    this.owed.reread()
    this.ended.reread()
  }

  write(changes: readonly SessionChange[]): void {
    /** The newest event that each session was sent in this group: one update per session is enough. */
    const sentUpTo = new Map<number, number>()
    for (const change of changes) {
      this.#write(change)
      this.owed.take(change)
      if (change.kind === 'sent') {
        sentUpTo.set(change.session, Math.max(change.event, sentUpTo.get(change.session) ?? 0))
      }
    }
    for (const [session, event] of sentUpTo) {
      this.#sql.sentUpTo.run(event, session)
      this.owed.sent(session, event)
    }
  }

  #write(change: SessionChange): void {
    const sql = this.#sql
    switch (change.kind) {
      case 'opened':
        return void sql.open.run(change)
      case 'left':
        return void sql.leave.run(change)
      case 'ended':
        sql.end.run(change.session)
        return this.ended.add(change.session)
      case 'subscribed': {
        const { session, subscription } = change
        const { noLocal, retainAsPublished } = subscription
        const flags = { noLocal: Number(noLocal), retainAsPublished: Number(retainAsPublished) }
        sql.unfeed.run(session, subscription.filter)
        return void sql.subscribe.run({ ...subscription, ...flags, session })
      }
      case 'unsubscribed':
        sql.unfeed.run(change.session, change.filter)
        if (change.upTo > 0) sql.addPast.run(change)
        return void sql.unsubscribe.run(change.session, change.filter)
      case 'feed-ended':
        sql.unfeed.run(change.session, change.filter)
        return void sql.endFeed.run(change.session, change.filter)
      case 'progressed':
        if (this.owed.hasPastUpTo(change.session, change.upTo)) sql.dropPast.run(change)
        return void sql.progress.run(change)
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

  #handshake({ kind, session, packetId, event, filter }: Handshake): void {
    const sql = this.#sql
    switch (kind) {
      case 'took':
        return void sql.took.run(session, packetId)
      case 'let-go':
        return void sql.letGo.run(session, packetId)
      case 'sent':
        return void sql.sent.run(session, packetId, event, filter)
      case 'released':
        return void sql.released.run(session, packetId)
      case 'done':
        return void sql.done.run(session, packetId)
      case 'shared':
        return void sql.share.run(event, filter, session, packetId)
      case 'unshared':
        return void sql.unshare.run(event, filter)
      case 'fed':
        return void sql.feed.run(session, filter, event)
      default:
        kind satisfies never
    }
  }
}

const prepare = (db: Database) => ({
  open: db.prepare(
    `INSERT INTO sessions (number, client, user, realm, expiry_seconds, settled_up_to, sent_up_to)
     VALUES (@session, @client, @user, @realm, @expirySeconds, @acknowledgedUpTo, @acknowledgedUpTo)
     ON CONFLICT (number) DO UPDATE
     SET user = excluded.user, realm = excluded.realm, expiry_seconds = excluded.expiry_seconds,
       gone_at = NULL`,
  ),
  leave: db.prepare('UPDATE sessions SET gone_at = @goneAt WHERE number = @session'),
  end: db.prepare('DELETE FROM sessions WHERE number = ?'),
  subscribe: db.prepare(
    `INSERT OR REPLACE INTO subscriptions VALUES
       (@session, @filter, @qos, @noLocal, @retainAsPublished, @identifier, @since, @retainedUpTo)`,
  ),
  unsubscribe: db.prepare('DELETE FROM subscriptions WHERE session = ? AND filter = ?'),
  // The condition of `leavesDebt` in SQL.
  addPast: db.prepare(
    `INSERT OR IGNORE INTO past_subscriptions
     SELECT session, filter, qos, no_local, retain_as_published, identifier, since, @upTo
     FROM subscriptions
     WHERE session = @session AND filter = @filter
       AND qos > 0 AND filter NOT GLOB '$share/*' AND since < @upTo`,
  ),
  dropPast: db.prepare('DELETE FROM past_subscriptions WHERE session = @session AND up_to <= @upTo'),
  endFeed: db.prepare('UPDATE subscriptions SET retained_up_to = 0 WHERE session = ? AND filter = ?'),
  feed: db.prepare('INSERT OR IGNORE INTO fed VALUES (?, ?, ?)'),
  unfeed: db.prepare('DELETE FROM fed WHERE session = ? AND filter = ?'),
  progress: db.prepare(
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
    'INSERT OR REPLACE INTO handshakes_out (session, packet_id, event, filter) VALUES (?, ?, ?, ?)',
  ),
  released: db.prepare('UPDATE handshakes_out SET released = 1 WHERE session = ? AND packet_id = ?'),
  done: db.prepare('DELETE FROM handshakes_out WHERE session = ? AND packet_id = ?'),
  share: db.prepare('INSERT OR REPLACE INTO shared VALUES (?, ?, ?, ?)'),
  unshare: db.prepare('DELETE FROM shared WHERE event = ? AND share = ?'),
  dissolve: db.prepare('DELETE FROM shared WHERE share = ? AND session = 0'),
})
