// What the hub holds for one client: its subscriptions, the messages under way and waiting, its will. A
// session may outlive the connection, and may outlive the hub: then it has a journal.
//
// Always: the fields change through methods only, those below and those of the parts (`subscriptions`,
// `received`, `inflight`, `waiting`), and a change that a restart needs is recorded in the journal.

import type { Door, Pass } from '../../model/access.ts'
import type { StoredSession, StoredSubscription } from '../../model/session.ts'
import { AT_ONCE } from '../../model/store.ts'
import { Flight, Inflight } from './inflight.ts'
import type { Owed } from './owed.ts'
import { Received } from './received.ts'
import type { Recipient } from './recipient.ts'
import { OPEN_PASS } from './rights.ts'
import type { SessionJournal } from './session-journal.ts'
import { type PastOf, type Subscriber, Subscriptions } from './subscriptions.ts'
import { Waiting } from './waiting.ts'
import type { Will } from './will.ts'

/** An expiry in seconds: a session with it never expires. */
export const NEVER_EXPIRES = 0xffff_ffff

export interface Subscription extends StoredSubscription {
  readonly session: Session
}

/** A subscription that was removed or changed, while events may still be owed because of it. */
export type Past = PastOf<Subscription>

export class Session implements Subscriber {
  readonly clientId: string
  /** The session's number. It is given once: a session that is begun anew has another one. */
  readonly number: number
  readonly subscriptions = new Subscriptions<Subscription>(this)
  readonly received = new Received(this)
  readonly inflight = new Inflight()
  readonly waiting = new Waiting()
  #holder: Recipient | null = null
  #recipient: Recipient | null = null
  #taken = 0
  #journal: SessionJournal | null = null
  #mark = AT_ONCE
  #pass: Pass = OPEN_PASS
  #door: Door | null = null
  #will: Will | null = null
  #ended = false
  #expirySeconds = 0
  #sentUpTo = 0
  #resentUpTo = 0
  #held = 0
  #owedUpTo: number | null = null
  #publishedAt: number | null = null

  /** @param mark of the change that ended the client's earlier session */
  constructor(clientId: string, number: number = 0, mark: number = AT_ONCE) {
    this.clientId = clientId
    this.number = number
    this.#mark = mark
  }

  // ── who receives ───────────────────────────────────────────────────────────────────────────────

  /** The recipient that has taken the session, even before its client is told so. */
  get holder(): Recipient | null {
    return this.#holder
  }

  /** The recipient to which messages are sent. */
  get recipient(): Recipient | null {
    return this.#recipient
  }

  /** How often a recipient has taken the session since it is in memory. */
  get taken(): number {
    return this.#taken
  }

  /** A recipient takes the session. Messages go to it once it is attached. */
  hold(recipient: Recipient): void {
    this.#taken++
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

  /** The pass with which the client was last admitted. */
  get pass(): Pass {
    return this.#pass
  }

  /** The door through which the client came; `null` if everybody may connect. */
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

  /** When the client last published, Unix ms; `null` for not since the session is in memory. */
  get publishedAt(): number | null {
    return this.#publishedAt
  }

  published(at: number): void {
    this.#publishedAt = at
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

  /** Whether the session outlives its connection. */
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

  /**
   * Called before the session's subscriptions are removed from the routes: nothing more is delivered to it.
   */
  stopReceiving(): void {
    this.#ended = true
  }

  /** Ends the session: removes it from the journal. */
  end(): void {
    this.#leaveJournal()
  }

  /** Restores the session as the last hub left it. */
  restore(stored: StoredSession, journal: SessionJournal): void {
    this.#pass = { ...OPEN_PASS, user: stored.user, realm: stored.realm }
    this.#expirySeconds = stored.expirySeconds
    this.#journal = journal
    this.#sentUpTo = stored.sentUpTo
    // What was sent last may not have been recorded: a client that was there may have been sent anything.
    this.#resentUpTo = stored.goneAt === null ? journal.lastEvent : stored.sentUpTo
    this.received.restore(stored.received)
    this.subscriptions.restore(
      stored.subscriptions.map((one) => ({ ...one, session: this })),
      stored.past.map((one) => ({ ...one, session: this })),
    )
  }

  // ── subscriptions ──────────────────────────────────────────────────────────────────────────────

  /** Replaces the subscription that the session had to the same filter. */
  subscribe(subscription: Subscription): void {
    const { session: _, ...recorded } = subscription
    this.subscriptions.add(subscription, recorded)
  }

  forgetPast(acknowledgedUpTo: number): void {
    this.subscriptions.forgetPast(acknowledgedUpTo)
  }

  // ── the will ───────────────────────────────────────────────────────────────────────────────────

  get will(): Will | null {
    return this.#will
  }

  /**
   * Sets the will; `null` removes it. `clients/wills.ts` records it: a session that ends with its connection
   * can have a will, too.
   */
  setWill(will: Will | null): void {
    this.#will = will
  }

  // ── messages to the client ─────────────────────────────────────────────────────────────────────

  /** The newest event that the client was sent. */
  get sentUpTo(): number {
    return this.#sentUpTo
  }

  /** The newest event that the client may have been sent before the hub last stopped. */
  get resentUpTo(): number {
    return this.#resentUpTo
  }

  /** The newest event when the queue became full: later ones are not owed. `null`: there is room. */
  get owedUpTo(): number | null {
    return this.#owedUpTo
  }

  /** Whether a message is under way to the client, or waits for it. */
  get isOwed(): boolean {
    return this.inflight.size > 0 || this.waiting.size > 0
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

  /** Sends a message of QoS 1 or 2 under a free packet id: at QoS 2 once that is committed. */
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

  /** Lets a message wait for the client. Returns whether there is room for it. */
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

  /** Called when the client has acknowledged a message, or it is not owed any more: frees the packet id. */
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
   * Called when the client has received a QoS 2 message. PUBREL is sent once the mark that this returns is
   * committed.
   */
  released(id: number): number {
    this.inflight.release(id)
    return this.#journal?.handshake(this, 'released', id) ?? AT_ONCE
  }

  /**
   * The oldest event that is owed at QoS 1 or waits; 0 for none. Messages of shared subscriptions and
   * retained messages have an account of their own, and do not count.
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
