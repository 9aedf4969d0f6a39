// Holds in memory which events the sessions are owed, as their tables say. So pruning can ask about every
// event, and the mailboxes of all sessions are found in one pass.

import type { Database } from 'better-sqlite3'
import type { QoS } from '../../model/event.ts'
import {
  type Claim as Asked,
  leavesDebt,
  mayBeOwed,
  owesAny,
  type Standing,
} from '../../model/owed-events.ts'
import type { SessionChange } from '../../model/session.ts'
import type { Hides } from '../../topics/hidden.ts'
import { TopicTree } from '../../topics/tree.ts'

/** A subscription of a session, present or past, that makes the hub owe events. */
export interface Claim extends Asked {
  readonly session: number
  readonly filter: string
}

export class Owed {
  readonly #sql
  #standings = new Map<number, Standing>()
  readonly #hides: Hides | undefined
  #claims: TopicTree<number, Claim>
  #filters = new Map<number, Set<string>>()
  /** Past claims by session. Each has a negative number as its key in the tree. */
  #past = new Map<number, { readonly filter: string; readonly key: number; readonly upTo: number }[]>()
  #pastKeys = 0

  /** @param hides what wildcards of clients in the first level leave out; by default what begins with `$` */
  constructor(db: Database, hides?: Hides) {
    this.#sql = prepare(db)
    this.#hides = hides
    this.#claims = new TopicTree(hides)
    this.reread()
  }

  get standings(): ReadonlyMap<number, Standing> {
    return this.#standings
  }

  /** The claims on a topic of sessions that have not ended. */
  claimsOn(topic: string): Claim[] {
    return this.#claims.collect(topic).filter(({ session }) => this.#standings.has(session))
  }

  /** Whether an event on this topic is still owed to somebody. */
  isOwed(id: number, topic: string): boolean {
    if (this.#standings.size === 0) return false
    const claimed = this.claimsOn(topic).some((claim) =>
      mayBeOwed(id, this.#standings.get(claim.session)!, [claim]),
    )
    return claimed || this.#sql.underWay.get({ event: id }) !== undefined
  }

  /** Applies a change that the tables have just taken. */
  take(change: SessionChange): void {
    switch (change.kind) {
      case 'opened': {
        const { session, client, acknowledgedUpTo } = change
        const before = this.#standings.get(session)
        const standing = { client, acknowledgedUpTo, sentUpTo: acknowledgedUpTo, owedUpTo: Infinity }
        if (before === undefined) this.#standings.set(session, standing)
        return
      }
      case 'progressed': {
        const { session, upTo, owedUpTo } = change
        const before = this.#standings.get(session)
        if (before !== undefined) {
          const sentUpTo = Math.max(before.sentUpTo, change.sentUpTo)
          const standing = { acknowledgedUpTo: upTo, sentUpTo, owedUpTo: owedUpTo ?? Infinity }
          this.#standings.set(session, { ...before, ...standing })
        }
        return this.#dropPast(session, upTo)
      }
      case 'ended':
        this.#standings.delete(change.session) // its claims go in steps
        return
      case 'subscribed': {
        const { session, subscription } = change
        this.#drop(session, subscription.filter)
        return this.#claim(session, subscription)
      }
      case 'unsubscribed': {
        const { session, filter, upTo } = change
        const claim = this.#claims.get(filter, session)
        this.#drop(session, filter)
        if (claim !== undefined && leavesDebt(claim, upTo)) this.#addPast({ ...claim, upTo })
        return
      }
      default:
    }
  }

  /** Records that a session was sent this event. */
  sent(session: number, event: number): void {
    const before = this.#standings.get(session)
    if (before === undefined || before.sentUpTo >= event) return
    this.#standings.set(session, { ...before, sentUpTo: event })
  }

  /** Whether a session has past claims that owe nothing after this event. */
  hasPastUpTo(session: number, acknowledgedUpTo: number): boolean {
    return this.#past.get(session)?.some(({ upTo }) => upTo <= acknowledgedUpTo) === true
  }

  /** Drops at most `most` claims of a session that has ended. Returns how many it dropped. */
  dropClaims(session: number, most: number): number {
    let count = 0
    for (const filter of this.#filters.get(session) ?? []) {
      if (count === most) return count
      this.#drop(session, filter)
      count++
    }
    const past = this.#past.get(session)
    if (past === undefined) return count
    for (const { filter, key } of past.splice(0, most - count)) {
      this.#claims.delete(filter, key)
      count++
    }
    if (past.length === 0) this.#past.delete(session)
    return count
  }

  /** Reads everything from the tables: at the start, and after a rollback. */
  reread(): void {
    this.#standings = new Map()
    this.#claims = new TopicTree(this.#hides)
    this.#filters = new Map()
    this.#past = new Map()
    for (const { number, owedUpTo, ...standing } of this.#sql.standings.all()) {
      this.#standings.set(number, { ...standing, owedUpTo: owedUpTo ?? Infinity })
    }
    for (const { session, noLocal, ...row } of this.#sql.claims.all()) {
      this.#claim(session, { ...row, noLocal: noLocal === 1 })
    }
    for (const { noLocal, ...row } of this.#sql.past.all()) {
      this.#addPast({ ...row, noLocal: noLocal === 1 })
    }
  }

  #claim(session: number, subscription: Omit<Claim, 'session' | 'upTo'>): void {
    if (!owesAny(subscription)) return
    const { filter, qos, noLocal, since } = subscription
    this.#claims.set(filter, session, { session, filter, qos, noLocal, since, upTo: Infinity })
    const filters = this.#filters.get(session)
    if (filters === undefined) this.#filters.set(session, new Set([filter]))
    else filters.add(filter)
  }

  #addPast(claim: Claim): void {
    const { filter } = claim
    const key = --this.#pastKeys
    this.#claims.set(filter, key, claim)
    const one = { filter, key, upTo: claim.upTo }
    const others = this.#past.get(claim.session)
    if (others === undefined) this.#past.set(claim.session, [one])
    else others.push(one)
  }

  #dropPast(session: number, acknowledgedUpTo: number): void {
    const all = this.#past.get(session)
    if (all === undefined) return
    for (const { filter, key, upTo } of all) if (upTo <= acknowledgedUpTo) this.#claims.delete(filter, key)
    const left = all.filter(({ upTo }) => upTo > acknowledgedUpTo)
    if (left.length === 0) this.#past.delete(session)
    else this.#past.set(session, left)
  }

  #drop(session: number, filter: string): void {
    const filters = this.#filters.get(session)
    if (filters?.delete(filter) !== true) return
    this.#claims.delete(filter, session)
    if (filters.size === 0) this.#filters.delete(session)
  }
}

/** The condition that a session has not ended: rows of ended sessions owe nothing. */
const STANDS = 'IN (SELECT number FROM sessions)'

const prepare = (db: Database) => ({
  underWay: db
    .prepare<[{ event: number }], number>(
      `SELECT 1 WHERE EXISTS (SELECT 1 FROM handshakes_out WHERE event = @event AND session ${STANDS})
         OR EXISTS (SELECT 1 FROM shared WHERE event = @event)`,
    )
    .pluck(),
  standings: db.prepare<
    [],
    { number: number; client: string; acknowledgedUpTo: number; sentUpTo: number; owedUpTo: number | null }
  >(
    `SELECT number, client, settled_up_to AS acknowledgedUpTo, sent_up_to AS sentUpTo, owed_up_to AS owedUpTo
     FROM sessions`,
  ),
  claims: db.prepare<[], { session: number; filter: string; qos: QoS; noLocal: number; since: number }>(
    `SELECT session, filter, qos, no_local AS noLocal, since FROM subscriptions WHERE session ${STANDS}`,
  ),
  past: db.prepare<
    [],
    { session: number; filter: string; qos: QoS; noLocal: number; since: number; upTo: number }
  >(
    `SELECT session, filter, qos, no_local AS noLocal, since, up_to AS upTo FROM past_subscriptions
     WHERE session ${STANDS}`,
  ),
})
