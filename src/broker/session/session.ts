// What the hub keeps about one client: its subscriptions, the messages under way and waiting, its will. It may outlive
// the connection, and is changed through the methods below only, so that each change can be kept.

import type { Door, Pass } from '../../model/access.ts'
import type { QoS } from '../../model/event.ts'
import type { Connection } from '../connection/connection.ts'
import { AT_ONCE } from '../connection/acks.ts'
import type { Feed } from '../delivery/feeds.ts'
import { Flight, Inflight } from './inflight.ts'
import type { SessionJournal } from './session-journal.ts'
import type { Owed } from '../message/message.ts'
import { isShared } from '../../topics/names.ts'
import { PacketIds } from './packet-ids.ts'
import { OPEN_PASS } from './rights.ts'
import type { Share } from './share.ts'
import { Waiting } from './waiting.ts'
import type { Will } from '../clients/wills.ts'

/** Seconds; a session with this expiry never ends of itself. */
export const NEVER_EXPIRES = 0xffff_ffff

export interface Subscription {
  readonly session: Session
  /** As the client wrote it, also for a shared one: `$share/<group>/<filter>`. */
  readonly filter: string
  readonly qos: QoS
  readonly noLocal: boolean
  readonly retainAsPublished: boolean
  /** 0 when the client gave none. */
  readonly identifier: number
  /** The newest event when it was made: only later ones are owed. */
  readonly since: number
  /** What was retained by then was promised with it at QoS 1 or 2; 0 for nothing. */
  readonly retainedUpTo: number
}

/** So many subscriptions of the past at most: a client that goes on changing them and acknowledges nothing takes no more. */
const MOST_PAST = 1_000

/** How a QoS 2 packet id of the client is known: here only, or in the journal too. */
const TAKEN = 1
const TAKEN_AND_KEPT = 2

const NO_SUBSCRIPTIONS: ReadonlyMap<string, Subscription> = new Map()

export class Session {
  readonly clientId: string
  /** Given once: a session that is begun anew has another one. */
  readonly number: number
  /** The connection that has it, also before its client is told so. */
  holder: Connection | null = null
  /** The connection that messages go to. */
  connection: Connection | null = null
  /** Keeps what becomes of it; null while it does not outlive the connection. */
  journal: SessionJournal | null = null
  /** Of the newest change that is being kept. */
  mark = AT_ONCE
  /** What its client was admitted as when it last came, and by which door. */
  pass: Pass = OPEN_PASS
  door: Door | null = null
  /** Many only publish, and have none. */
  #subscriptions: Map<string, Subscription> | undefined
  /** Removed or changed ones, by which something that is owed may have come. */
  past: (Subscription & { readonly upTo: number })[] | undefined
  /** The shared subscriptions that it is a member of. */
  shares: Set<Share> | undefined
  /** What is retained under subscriptions and has yet to be given, or acknowledged. */
  feeds: Map<string, Feed> | undefined
  readonly inflight = new Inflight()
  readonly waiting = new Waiting()
  /** QoS 2 packet ids of the client that were taken and not yet released. // [MQTT-4.3.3-10] */
  readonly received = new PacketIds()
  /** The newest event that keeps a QoS 1 or 2 message of the client; 0 for none. */
  lastEvent = 0
  /**
   * QoS 1 packet ids of the client, with their events, whose PUBACK had not left when the connection ended. The client cannot have
   * it, so a copy with DUP is the same message, and is taken no second time. Once a PUBACK has left, nobody can tell whether a copy
   * means that it was lost, or a later message under the same packet id: then it is taken as a new one, and rules fire on it.
   */
  unanswered: Map<number, number> | undefined
  will: Will | null = null
  /** Nothing is owed to it any more. */
  ended = false
  /** Seconds that the session is kept after its connection has ended. */
  expirySeconds = 0
  /** Cancels what is due while the client is away: the end of the session, its delayed will. */
  cancelExpiry: (() => void) | null = null
  cancelWill: (() => void) | null = null
  /** The newest event that it was sent. */
  sentUpTo = 0
  /** What it may have been sent before the hub last stopped. */
  resentUpTo = 0
  /** Messages under way that wait for their packet id to be kept: what comes next waits behind them. */
  held = 0
  /** Its queue is full: what came after this event is not owed. */
  owedUpTo: number | null = null

  constructor(clientId: string, number = 0) {
    this.clientId = clientId
    this.number = number
  }

  get subscriptions(): ReadonlyMap<string, Subscription> {
    return this.#subscriptions ?? NO_SUBSCRIPTIONS
  }

  subscribe(subscription: Subscription): void {
    this.#subscriptions ??= new Map()
    this.#subscriptions.set(subscription.filter, subscription)
  }

  unsubscribe(filter: string): void {
    this.#subscriptions?.delete(filter)
  }

  /** All of them, which it then has no more. */
  takeSubscriptions(): ReadonlyMap<string, Subscription> {
    const { subscriptions } = this
    this.#subscriptions = undefined
    return subscriptions
  }

  /** What came by a subscription that is to be removed or changed is owed still. Returns up to which event; 0 if nothing is. */
  retire(subscription: Subscription, lastEvent: number): number {
    const { qos, filter, since } = subscription
    const isOwed = this.inflight.size > 0 || this.waiting.size > 0
    if (this.journal === null || qos === 0 || isShared(filter) || !isOwed || since >= lastEvent) return 0
    this.past ??= []
    if (this.past.length >= MOST_PAST) return 0
    this.past.push({ ...subscription, upTo: lastEvent })
    return lastEvent
  }

  /** All up to this event is settled. */
  forgetPast(settledUpTo: number): void {
    const left = this.past?.filter(({ upTo }) => upTo > settledUpTo)
    this.past = left?.length === 0 ? undefined : left
  }

  /** Whether it is still there after its connection. */
  get outlives(): boolean {
    return this.expirySeconds > 0
  }

  /** A message of QoS 1 or 2 goes out under a free identifier. At QoS 2 it leaves when that is kept. */
  sent(id: number, qos: 1 | 2, owed: Owed | null): void {
    this.inflight.take(id, qos)
    if (owed === null) return
    this.inflight.keepForResend(id, owed)
    const { event, share, feed } = owed
    feed?.given(this, owed)
    if (share !== null) this.mark = Math.max(this.mark, share.given(this, id, owed))
    const { journal } = this
    if (journal === null || event === 0) return
    if (share === null && feed === null) {
      this.sentUpTo = Math.max(this.sentUpTo, event)
      this.#owedAgain()
    }
    if (qos === 2) journal.handshake(this, 'sent', id, event, (share ?? feed)?.filter)
  }

  /** A message waits for the client. Returns whether there is room for it. */
  queue(owed: Owed, mostMessages: number, mostBytes: number): boolean {
    const taken = this.waiting.push(owed, mostMessages, mostBytes)
    if (this.journal === null) return taken
    if (taken) this.#owedAgain()
    else if (this.owedUpTo === null) {
      this.owedUpTo = owed.event - 1
      this.journal.progressed(this)
    }
    return taken
  }

  /** The client has taken a message for good, or it is not owed any more: the identifier is free again. */
  acknowledged(id: number): void {
    const state = this.inflight.state(id)
    const owed = this.inflight.free(id)
    if (state === Flight.awaitsPuback && owed) {
      owed.feed?.acknowledged(this)
      if (owed.share !== null) return owed.share.forget(owed.event)
    }
    if (this.journal === null) return
    if (state === Flight.awaitsPuback) this.journal.progressed(this)
    else this.journal.handshake(this, 'done', id)
  }

  /** The client has a QoS 2 message. Its PUBREL is what is left to send, when the mark that this returns is committed. */
  released(id: number): number {
    this.inflight.release(id)
    return this.journal?.handshake(this, 'released', id) ?? AT_ONCE
  }

  /** A QoS 2 message of the client was taken: a second copy is known by its packet id. It is kept together with its event. */
  took(id: number, event: number): void {
    const kept = this.journal !== null && event !== AT_ONCE
    this.received.set(id, kept ? TAKEN_AND_KEPT : TAKEN)
    if (kept) this.journal?.handshake(this, 'took', id, event)
  }

  /** The client has let go of a QoS 2 packet id, and hears so when the mark that this returns is committed. */
  letGo(id: number): number {
    const kept = this.received.get(id) === TAKEN_AND_KEPT
    this.received.delete(id)
    return kept ? (this.journal?.handshake(this, 'let-go', id) ?? AT_ONCE) : AT_ONCE
  }

  /** What was taken before the hub last stopped. */
  restoreReceived(ids: readonly number[]): void {
    for (const id of ids) this.received.set(id, TAKEN_AND_KEPT)
  }

  /** The oldest event that is owed at QoS 1, or waits; 0 for none. What came by a shared subscription, or was retained, is not meant. */
  oldestOwed(): number {
    for (const [, owed] of this.inflight.toResend()) {
      if (owed === null || owed.qos === 2 || owed.event === 0) continue
      if (owed.share === null && owed.feed === null) return owed.event
    }
    return this.waiting.oldestEvent()
  }

  /** There is room again, for the event under way: that is said together with it. */
  #owedAgain(): void {
    if (this.owedUpTo === null) return
    this.owedUpTo = null
    this.journal?.progressedNow(this)
  }
}
