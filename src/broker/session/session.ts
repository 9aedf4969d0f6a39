// What the hub holds for one client: its subscriptions, the messages under way and waiting, its will. A
// session may outlive the connection, and may outlive the hub: then it has a journal.
//
// Always: the fields change through the methods below only, and a method that changes what a restart needs
// records the change in the journal. What is under way, waiting and received changes through the methods of
// `inflight`, `waiting` and `received`.

import type { Door, Pass } from '../../model/access.ts'
import { leavesDebt } from '../../model/owed-events.ts'
import type { StoredSession, StoredSubscription } from '../../model/session.ts'
import { AT_ONCE } from '../../model/store.ts'
import type { Feed, FeedOwner } from './feed.ts'
import { Flight, Inflight } from './inflight.ts'
import type { Owed, Via } from './owed.ts'
import { PacketIds } from './packet-ids.ts'
import type { Recipient } from './recipient.ts'
import { OPEN_PASS } from './rights.ts'
import type { Journaled, SessionJournal } from './session-journal.ts'
import { Waiting } from './waiting.ts'
import type { Will } from './will.ts'

/** Seconds; a session with this expiry never ends of itself. */
export const NEVER_EXPIRES = 0xffff_ffff

export interface Subscription extends StoredSubscription {
  readonly session: Session
}

/**
 * A subscription that was removed or changed, and by which an event up to `upTo` may have come that is still
 * owed.
 */
export type Past = Subscription & { readonly upTo: number }

/**
 * A client that goes on changing subscriptions and acknowledges nothing takes no more memory than so many
 * past ones.
 */
const MOST_PAST = 1_000

/** How a QoS 2 packet id of the client is known: in memory only, or in the journal too. */
const TAKEN = 1
const TAKEN_AND_RECORDED = 2

const NO_SUBSCRIPTIONS: ReadonlyMap<string, Subscription> = new Map()

export class Session implements FeedOwner, Journaled {
  readonly clientId: string
  /** Given once: a session that is begun anew has another one. */
  readonly number: number
  readonly inflight = new Inflight()
  readonly waiting = new Waiting()
  /** QoS 2 packet ids of the client that were taken and not yet released. // [MQTT-4.3.3-10] */
  readonly received = new PacketIds()
  #holder: Recipient | null = null
  #recipient: Recipient | null = null
  #journal: SessionJournal | null = null
  #mark = AT_ONCE
  #pass: Pass = OPEN_PASS
  #door: Door | null = null
  /** Many clients only publish, and have none. */
  #subscriptions: Map<string, Subscription> | undefined
  #past: Past[] | undefined
  #shares: Set<Via> | undefined
  #feeds: Map<string, Feed> | undefined
  #lastEvent = 0
  #unanswered: Map<number, number> | undefined
  #will: Will | null = null
  #ended = false
  #expirySeconds = 0
  #sentUpTo = 0
  #resentUpTo = 0
  #held = 0
  #owedUpTo: number | null = null

  /** @param mark of the change that ended the client's earlier session */
  constructor(clientId: string, number: number = 0, mark: number = AT_ONCE) {
    this.clientId = clientId
    this.number = number
    this.#mark = mark
  }

  // ── who receives ───────────────────────────────────────────────────────────────────────────────

  /** Whoever has taken the session, also before its client is told so. */
  get holder(): Recipient | null {
    return this.#holder
  }

  /** Where messages go. */
  get recipient(): Recipient | null {
    return this.#recipient
  }

  /** A recipient takes the session. Messages go to it once it is attached. */
  hold(recipient: Recipient): void {
    this.#holder = recipient
  }

  attach(recipient: Recipient): void {
    this.#recipient = recipient
  }

  detach(): void {
    this.#holder = null
    this.#recipient = null
  }

  // ── what the client may ────────────────────────────────────────────────────────────────────────

  /** What the client was admitted as when it last came. */
  get pass(): Pass {
    return this.#pass
  }

  /** The door by which it came; `null` if everybody may come in. */
  get door(): Door | null {
    return this.#door
  }

  admit(pass: Pass, door: Door | null): void {
    this.#pass = pass
    this.#door = door
  }

  /** The client's user or permissions have changed, or the client has proved itself anew. */
  renew(pass: Pass): void {
    this.#pass = pass
  }

  // ── how long it lasts ──────────────────────────────────────────────────────────────────────────

  /** Records what becomes of the session; `null` while the session does not outlive its connection. */
  get journal(): SessionJournal | null {
    return this.#journal
  }

  /** The mark of the newest change that is on its way to the journal. */
  get mark(): number {
    return this.#mark
  }

  recorded(mark: number): void {
    this.#mark = mark
  }

  /** Seconds that the session is kept after its connection has ended. */
  get expirySeconds(): number {
    return this.#expirySeconds
  }

  /** Whether it is still there after its connection. */
  get outlives(): boolean {
    return this.#expirySeconds > 0
  }

  /**
   * A session that outlives its connection is recorded from now on; one that does not is taken out of the
   * journal.
   */
  setExpiry(seconds: number, journal: SessionJournal): void {
    this.#expirySeconds = seconds
    if (this.outlives) {
      this.#journal = journal
      journal.opened(this)
    } else this.#leaveJournal()
  }

  /** True once the session has ended: nothing is owed to it any more. */
  get ended(): boolean {
    return this.#ended
  }

  /** Before its subscriptions are taken out of the routes: nothing more comes to it. */
  stopReceiving(): void {
    this.#ended = true
  }

  /** The session is over. */
  end(): void {
    this.#leaveJournal()
  }

  /** Begins as the session was when the hub last stopped. */
  restore(stored: StoredSession, journal: SessionJournal): void {
    this.#pass = { ...OPEN_PASS, user: stored.user, realm: stored.realm }
    this.#expirySeconds = stored.expirySeconds
    this.#journal = journal
    this.#sentUpTo = stored.sentUpTo
    // What was sent last may not have been recorded: a client that was there may have been sent anything.
    this.#resentUpTo = stored.goneAt === null ? journal.lastEvent : stored.sentUpTo
    for (const id of stored.received) this.received.set(id, TAKEN_AND_RECORDED)
    if (stored.subscriptions.length > 0) {
      this.#subscriptions = new Map(
        stored.subscriptions.map((one) => [one.filter, { ...one, session: this }]),
      )
    }
    if (stored.past.length > 0) this.#past = stored.past.map((one) => ({ ...one, session: this }))
  }

  // ── subscriptions ──────────────────────────────────────────────────────────────────────────────

  get subscriptions(): ReadonlyMap<string, Subscription> {
    return this.#subscriptions ?? NO_SUBSCRIPTIONS
  }

  /** Subscriptions that were removed or changed, by which something may have come that is still owed. */
  get past(): readonly Past[] {
    return this.#past ?? []
  }

  /** Replaces the subscription that the session had to the same filter. */
  subscribe(subscription: Subscription): void {
    const { session: _, ...recorded } = subscription
    const { filter, qos, noLocal } = subscription
    const before = this.#subscriptions?.get(filter)
    if (before !== undefined && (before.qos !== qos || before.noLocal !== noLocal)) this.#retire(before)
    this.#subscriptions ??= new Map()
    this.#subscriptions.set(filter, subscription)
    this.#journal?.subscribed(this, recorded)
  }

  /** Returns the subscription that is removed, if there was one. */
  unsubscribe(filter: string): Subscription | undefined {
    const subscription = this.#subscriptions?.get(filter)
    if (subscription === undefined) return undefined
    this.#subscriptions?.delete(filter)
    this.#feeds?.delete(filter)
    this.#retire(subscription)
    return subscription
  }

  /** Takes all subscriptions away, without a record: the session ends. */
  takeSubscriptions(): ReadonlyMap<string, Subscription> {
    const { subscriptions } = this
    this.#subscriptions = undefined
    return subscriptions
  }

  /**
   * Forgets the past subscriptions by which nothing can be owed, as everything up to this event is
   * acknowledged.
   */
  forgetPast(acknowledgedUpTo: number): void {
    const left = this.#past?.filter(({ upTo }) => upTo > acknowledgedUpTo)
    this.#past = left?.length === 0 ? undefined : left
  }

  /** Ends a subscription that is removed or changed: what came by it is still owed. */
  #retire(subscription: Subscription): void {
    const journal = this.#journal
    if (journal === null) return
    const { lastEvent } = journal
    const owes = leavesDebt(subscription, lastEvent) && (this.inflight.size > 0 || this.waiting.size > 0)
    const isKept = owes && (this.#past?.length ?? 0) < MOST_PAST
    if (isKept) (this.#past ??= []).push({ ...subscription, upTo: lastEvent })
    journal.unsubscribed(this, subscription.filter, isKept ? lastEvent : 0)
  }

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

  /** The retained messages under new subscriptions that have yet to be given, or acknowledged. */
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
    this.#journal?.fed(this, filter, event)
  }

  endFeed(feed: Feed): void {
    const { filter } = feed
    // A later subscription to the same filter has put its own feed in place of this one.
    if (this.#feeds?.get(filter) !== feed) return
    this.#feeds.delete(filter)
    if (this.#feeds.size === 0) this.#feeds = undefined
    const isPromised = this.subscriptions.get(filter)?.retainedUpTo !== 0
    if (isPromised) this.#journal?.feedEnded(this, filter)
  }

  // ── the will ───────────────────────────────────────────────────────────────────────────────────

  get will(): Will | null {
    return this.#will
  }

  /**
   * `null` takes it back. `clients/wills.ts` records it: also a session that ends with its connection has a
   * will.
   */
  setWill(will: Will | null): void {
    this.#will = will
  }

  // ── messages of the client ─────────────────────────────────────────────────────────────────────

  /** The newest event that records a QoS 1 or 2 message of the client; 0 for none. */
  get lastEvent(): number {
    return this.#lastEvent
  }

  published(event: number): void {
    this.#lastEvent = event
  }

  /**
   * The connection has ended before these PUBACKs left: QoS 1 packet ids of the client, with their events.
   * The client cannot have them, so a copy with DUP is the same message, and is taken no second time. Once a
   * PUBACK has left, nobody can tell whether a copy means that it was lost, or is a later message under the
   * same packet id: then it is taken as a new one, and rules fire on it.
   */
  leaveUnanswered(events: Map<number, number>): void {
    this.#unanswered = events
  }

  /** The event of the unanswered message with this packet id; only once. */
  takeUnanswered(id: number): number | undefined {
    const event = this.#unanswered?.get(id)
    if (event !== undefined) this.#unanswered?.delete(id)
    return event
  }

  /**
   * A QoS 2 message of the client was taken, and is recorded together with its event. A second copy is known
   * by its id.
   */
  took(id: number, event: number): void {
    const journal = event === AT_ONCE ? null : this.#journal
    this.received.set(id, journal === null ? TAKEN : TAKEN_AND_RECORDED)
    journal?.handshake(this, 'took', id, event)
  }

  /** The client has released a QoS 2 packet id, and hears so when the mark that this returns is committed. */
  letGo(id: number): number {
    const isRecorded = this.received.get(id) === TAKEN_AND_RECORDED
    this.received.delete(id)
    return isRecorded ? (this.#journal?.handshake(this, 'let-go', id) ?? AT_ONCE) : AT_ONCE
  }

  // ── messages to the client ─────────────────────────────────────────────────────────────────────

  /** The newest event that it was sent. */
  get sentUpTo(): number {
    return this.#sentUpTo
  }

  /** The newest event that it may have been sent before the hub last stopped. */
  get resentUpTo(): number {
    return this.#resentUpTo
  }

  /** The queue was full: what came after this event is not owed. `null`: there is room. */
  get owedUpTo(): number | null {
    return this.#owedUpTo
  }

  /** Whether a message waits for its packet id to be committed: what comes next is held behind it. */
  get isHeld(): boolean {
    return this.#held > 0
  }

  /** Calls `act` once the newest change is committed, and holds what comes next until then. */
  holdUntilCommitted(journal: SessionJournal, act: () => void): void {
    this.#held++
    journal.whenCommitted(this.#mark, () => {
      this.#held--
      act()
    })
  }

  /** A message of QoS 1 or 2 goes out under a free packet id: at QoS 2 once that is committed. */
  sent(id: number, qos: 1 | 2, owed: Owed | null): void {
    this.inflight.take(id, qos)
    if (owed === null) return
    this.inflight.keepForResend(id, owed)
    const { event, via } = owed
    if (via !== null) {
      const mark = via.given(this.number, id, owed) // may record a change of this session, too
      this.#mark = Math.max(this.#mark, mark)
    }
    const journal = this.#journal
    if (journal === null || event === 0) return
    if (via === null) {
      this.#sentUpTo = Math.max(this.#sentUpTo, event)
      this.#owedAgain()
    }
    if (qos === 2) journal.handshake(this, 'sent', id, event, via?.filter)
  }

  /** A message waits for the client. Returns whether there is room for it. */
  queue(owed: Owed, mostMessages: number, mostBytes: number): boolean {
    const taken = this.waiting.push(owed, mostMessages, mostBytes)
    if (this.#journal === null) return taken
    if (taken) this.#owedAgain()
    else if (this.#owedUpTo === null) {
      this.#owedUpTo = owed.event - 1
      this.#journal.progressed(this)
    }
    return taken
  }

  /** The client has taken a message for good, or it is not owed any more: the packet id is free again. */
  acknowledged(id: number): void {
    const state = this.inflight.state(id)
    const owed = this.inflight.free(id)
    if (state === Flight.awaitsPuback && owed && owed.via !== null) {
      owed.via.acknowledged(owed)
      if (owed.via.isShared) return
    }
    if (this.#journal === null) return
    if (state === Flight.awaitsPuback) this.#journal.progressed(this)
    else this.#journal.handshake(this, 'done', id)
  }

  /**
   * The client has a QoS 2 message. PUBREL is what is left to send, once the mark that this returns is
   * committed.
   */
  released(id: number): number {
    this.inflight.release(id)
    return this.#journal?.handshake(this, 'released', id) ?? AT_ONCE
  }

  /**
   * The oldest event that is owed at QoS 1 or waits; 0 for none. What came by a shared subscription or was
   * retained has an account of its own, and does not count.
   */
  oldestOwed(): number {
    for (const [, owed] of this.inflight.toResend()) {
      if (owed === null || owed.qos === 2 || owed.event === 0) continue
      if (owed.via === null) return owed.event
    }
    return this.waiting.oldestEvent()
  }

  /** Records that there is room again, together with the event under way. */
  #owedAgain(): void {
    if (this.#owedUpTo === null) return
    this.#owedUpTo = null
    this.#journal?.progressedNow(this)
  }

  #leaveJournal(): void {
    const journal = this.#journal
    this.#journal = null
    journal?.ended(this)
  }
}
