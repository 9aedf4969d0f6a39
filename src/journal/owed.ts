// Who is owed which events, as the tables of the sessions say: kept in memory beside them, so that pruning can ask for each event,
// and so that the mailboxes of all sessions are found in one pass.

import type { Database } from 'better-sqlite3'
import type { QoS } from '../model/event.ts'
import type { SessionChange } from '../model/session.ts'
import { isShared } from '../topics/names.ts'
import { TopicTree } from '../topics/tree.ts'

/** How far a session has come. */
export interface Standing {
  readonly client: string
  readonly settledUpTo: number
  readonly sentUpTo: number
  readonly owedUpTo: number
}

/** A subscription that makes the hub owe events: QoS 1 or 2, and not shared. */
export interface Claim {
  readonly session: number
  readonly qos: QoS
  readonly noLocal: boolean
  readonly since: number
}

export class Owed {
  readonly #sql
  #standings = new Map<number, Standing>()
  #claims = new TopicTree<number, Claim>()
  #filters = new Map<number, Set<string>>()

  constructor(db: Database) {
    this.#sql = prepare(db)
    this.reread()
  }

  get standings(): ReadonlyMap<number, Standing> {
    return this.#standings
  }

  claimsOn(topic: string): Claim[] {
    return this.#claims.collect(topic)
  }

  /** Whether an event on this topic is still owed to somebody. */
  isOwed(id: number, topic: string): boolean {
    if (this.#standings.size === 0) return false
    const claimed = this.claimsOn(topic).some(({ session, since }) => {
      const standing = this.#standings.get(session)
      return standing !== undefined && id > since && id > standing.settledUpTo && id <= standing.owedUpTo
    })
    return claimed || this.#sql.underWay.get({ event: id }) !== undefined
  }

  /** What the tables have just been told. */
  take(change: SessionChange): void {
    switch (change.kind) {
      case 'opened': {
        const { session, client, settledUpTo } = change
        const before = this.#standings.get(session)
        const standing = { client, settledUpTo, sentUpTo: settledUpTo, owedUpTo: Infinity }
        if (before === undefined) this.#standings.set(session, standing)
        return
      }
      case 'settled': {
        const { session, upTo, sentUpTo, owedUpTo } = change
        const before = this.#standings.get(session)
        const standing = { settledUpTo: upTo, sentUpTo, owedUpTo: owedUpTo ?? Infinity }
        if (before !== undefined) this.#standings.set(session, { ...before, ...standing })
        return
      }
      case 'ended':
        for (const filter of this.#filters.get(change.session) ?? []) this.#drop(change.session, filter)
        this.#standings.delete(change.session)
        return
      case 'subscribed': {
        const { session, subscription } = change
        this.#drop(session, subscription.filter)
        return this.#claim(session, subscription)
      }
      case 'unsubscribed':
        return this.#drop(change.session, change.filter)
      default:
    }
  }

  /** From the tables: at the start, and after a rollback. */
  reread(): void {
    this.#standings = new Map()
    this.#claims = new TopicTree()
    this.#filters = new Map()
    for (const { number, owedUpTo, ...standing } of this.#sql.standings.all()) {
      this.#standings.set(number, { ...standing, owedUpTo: owedUpTo ?? Infinity })
    }
    for (const { session, noLocal, ...row } of this.#sql.claims.all()) {
      this.#claim(session, { ...row, noLocal: noLocal === 1 })
    }
  }

  #claim(session: number, subscription: Omit<Claim, 'session'> & { readonly filter: string }): void {
    const { filter, qos, noLocal, since } = subscription
    if (qos === 0 || isShared(filter)) return
    this.#claims.set(filter, session, { session, qos, noLocal, since })
    const filters = this.#filters.get(session)
    if (filters === undefined) this.#filters.set(session, new Set([filter]))
    else filters.add(filter)
  }

  #drop(session: number, filter: string): void {
    const filters = this.#filters.get(session)
    if (filters?.delete(filter) !== true) return
    this.#claims.delete(filter, session)
    if (filters.size === 0) this.#filters.delete(session)
  }
}

const prepare = (db: Database) => ({
  underWay: db
    .prepare<[{ event: number }], number>(
      `SELECT 1 WHERE EXISTS (SELECT 1 FROM handshakes_out WHERE event = @event)
         OR EXISTS (SELECT 1 FROM shared WHERE event = @event)`,
    )
    .pluck(),
  standings: db.prepare<
    [],
    { number: number; client: string; settledUpTo: number; sentUpTo: number; owedUpTo: number | null }
  >(
    `SELECT number, client, settled_up_to AS settledUpTo, sent_up_to AS sentUpTo, owed_up_to AS owedUpTo
     FROM sessions`,
  ),
  claims: db.prepare<[], { session: number; filter: string; qos: QoS; noLocal: number; since: number }>(
    'SELECT session, filter, qos, no_local AS noLocal, since FROM subscriptions',
  ),
})
