// What one client has asked for: its subscriptions by filter, those that it had before and by which something
// may still be owed, the shared ones that it is a member of, and the feeds that give it what is retained.
//
// Always: a change that a restart needs is recorded in the session's journal.

import { leavesDebt } from '../../model/owed-events.ts'
import type { StoredSubscription } from '../../model/session.ts'
import type { Feed, FeedOwner } from './feed.ts'
import type { Via } from './owed.ts'
import type { Journaled } from './session-journal.ts'

/** The session that the subscriptions belong to. */
export interface Subscriber extends Journaled {
  /** Whether a message is under way to the client, or waits for it. */
  readonly isOwed: boolean
}

/** A subscription that was removed or changed, while events up to `upTo` may still be owed because of it. */
export type PastOf<One> = One & { readonly upTo: number }

/**
 * The most past subscriptions: a client that goes on changing subscriptions and acknowledges nothing takes no
 * more memory.
 */
const MOST_PAST = 1_000

/** @typeParam One a subscription, with the session that has it */
export class Subscriptions<One extends StoredSubscription> implements FeedOwner {
  readonly #session: Subscriber
  /** Undefined for the many clients that only publish. */
  #current: Map<string, One> | undefined
  #past: PastOf<One>[] | undefined
  #shares: Set<Via> | undefined
  #feeds: Map<string, Feed> | undefined

  constructor(session: Subscriber) {
    this.#session = session
  }

  get size(): number {
    return this.#current?.size ?? 0
  }

  has(filter: string): boolean {
    return this.#current?.has(filter) === true
  }

  get(filter: string): One | undefined {
    return this.#current?.get(filter)
  }

  values(): Iterable<One> {
    return this.#current?.values() ?? []
  }

  /** Subscriptions that were removed or changed, while events may still be owed because of them. */
  get past(): readonly PastOf<One>[] {
    return this.#past ?? []
  }

  /**
   * Replaces the subscription that the session had to the same filter.
   * @param recorded the subscription as the journal keeps it
   */
  add(subscription: One, recorded: StoredSubscription): void {
    const { filter, qos, noLocal } = subscription
    const before = this.#current?.get(filter)
    if (before !== undefined && (before.qos !== qos || before.noLocal !== noLocal)) this.#retire(before)
    this.#current ??= new Map()
    this.#current.set(filter, subscription)
    this.#session.journal?.subscribed(this.#session, recorded)
  }

  /** Returns the subscription that is removed, if there was one. */
  remove(filter: string): One | undefined {
    const subscription = this.#current?.get(filter)
    if (subscription === undefined) return undefined
    this.#current?.delete(filter)
    this.#feeds?.delete(filter)
    this.#retire(subscription)
    return subscription
  }

  /** Removes all subscriptions without recording it, because the session ends. */
  takeAll(): readonly One[] {
    const all = [...this.values()]
    this.#current = undefined
    return all
  }

  /** Restores the subscriptions that the journal holds. */
  restore(current: readonly One[], past: readonly PastOf<One>[]): void {
    if (current.length > 0) this.#current = new Map(current.map((one) => [one.filter, one]))
    if (past.length > 0) this.#past = [...past]
  }

  /**
   * Forgets past subscriptions because of which nothing can be owed any more: everything up to this event is
   * acknowledged.
   */
  forgetPast(acknowledgedUpTo: number): void {
    const left = this.#past?.filter(({ upTo }) => upTo > acknowledgedUpTo)
    this.#past = left?.length === 0 ? undefined : left
  }

  /** Ends a subscription that is removed or changed: events that it matched before are still owed. */
  #retire(subscription: One): void {
    const session = this.#session
    const { journal } = session
    if (journal === null) return
    const { lastEvent } = journal
    const owes = leavesDebt(subscription, lastEvent) && session.isOwed
    const isKept = owes && (this.#past?.length ?? 0) < MOST_PAST
    if (isKept) (this.#past ??= []).push({ ...subscription, upTo: lastEvent })
    journal.unsubscribed(session, subscription.filter, isKept ? lastEvent : 0)
  }

  // ── shared subscriptions ───────────────────────────────────────────────────────────────────────

  /** The shared subscriptions that the session is a member of. */
  get shares(): ReadonlySet<Via> | undefined {
    return this.#shares
  }

  join(share: Via): void {
    this.#shares ??= new Set()
    this.#shares.add(share)
  }

  part(share: Via): void {
    this.#shares?.delete(share)
  }

  // ── retained messages ──────────────────────────────────────────────────────────────────────────

  /** The feeds whose retained messages have not all been sent and acknowledged. */
  get feeds(): ReadonlyMap<string, Feed> | undefined {
    return this.#feeds
  }

  /** Replaces an earlier feed of the same filter, and stands after all others. */
  beginFeed(feed: Feed): void {
    this.#feeds ??= new Map()
    this.#feeds.delete(feed.filter)
    this.#feeds.set(feed.filter, feed)
  }

  fed(filter: string, event: number): void {
    this.#session.journal?.fed(this.#session, filter, event)
  }

  endFeed(feed: Feed): void {
    const { filter } = feed
    // A later subscription to the same filter has put its own feed in place of this one.
    if (this.#feeds?.get(filter) !== feed) return
    this.#feeds.delete(filter)
    if (this.#feeds.size === 0) this.#feeds = undefined
    const isPromised = this.#current?.get(filter)?.retainedUpTo !== 0
    if (isPromised) this.#session.journal?.feedEnded(this.#session, filter)
  }
}
