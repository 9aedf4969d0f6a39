// What a client could not be sent at once: resends, what has waited for the client or for a shared
// subscription of which it is a member, retained messages. It is sent piece by piece, as the client's window
// and its socket have room, in the order in which it was promised.

import type { Clock } from '../../base/clock.ts'
import type { Event } from '../../model/event.ts'
import { FirstByte } from '../../mqtt/fixed-header.ts'
import { ReasonCode } from '../../mqtt/reason-codes.ts'
import type { Counters } from '../bounds/counters.ts'
import type { Limits } from '../bounds/limits.ts'
import type { Turns } from '../bounds/turns.ts'
import type { RetainedMessages } from '../routing/retained.ts'
import type { Routes } from '../routing/routing.ts'
import { Feed } from '../session/feed.ts'
import type { Owed } from '../session/owed.ts'
import { Pages } from '../session/pages.ts'
import type { Recipient, Resend } from '../session/recipient.ts'
import { mayReceive } from '../session/rights.ts'
import type { Session } from '../session/session.ts'
import type { SessionJournal } from '../session/session-journal.ts'
import type { Copies } from './copies.ts'
import { Feeds } from './feeds.ts'
import { owedOf } from './owed-copies.ts'
import { ShareBacklog } from './share-backlog.ts'
import { hasRoom, hasRoomAgain } from './window.ts'

export interface BacklogOptions {
  /** By which messages expire. */
  readonly clock: Pick<Clock, 'now'>
  readonly limits: Limits
  readonly counters: Counters
  readonly copies: Copies
  readonly journal: SessionJournal
  readonly retained: RetainedMessages
  readonly routes: Routes
  readonly turns: Turns
  /** Reads events that were owed when the hub last stopped. */
  readonly load: (events: readonly number[]) => Promise<Event[]>
}

export class Backlog {
  readonly #clock: Pick<Clock, 'now'>
  readonly #limits: Limits
  readonly #counters: Counters
  readonly #copies: Copies
  readonly #journal: SessionJournal
  readonly #routes: Routes
  readonly #pages: Pages
  readonly #shares: ShareBacklog
  readonly #feeds: Feeds

  constructor(options: BacklogOptions) {
    const { clock, limits, counters, copies, journal, retained, routes, turns, load } = options
    this.#clock = clock
    this.#limits = limits
    this.#counters = counters
    this.#copies = copies
    this.#journal = journal
    this.#routes = routes
    this.#pages = new Pages(load)
    this.#shares = new ShareBacklog({ clock, limits, counters, copies, routes, pages: this.#pages })
    this.#feeds = new Feeds({ clock, limits, copies, retained, turns })
  }

  /** A session has got its recipient: what was under way is sent again first, then what has waited. */
  takeUp(recipient: Recipient, session: Session): void {
    const resends = inOrder([...session.inflight.toResend()], this.#journal.startedAfter)
    for (const one of resends.toReversed()) recipient.resends.push(one)
    this.resume(recipient, session)
  }

  /** There may be room again, in the client's window or in its socket. */
  resume(recipient: Recipient, session: Session): void {
    if (recipient.resends.length > 0) this.#resend(recipient, session)
    if (session.waiting.size > 0) this.#sendWaiting(recipient, session)
    const { shares, feeds } = session.subscriptions
    if (shares !== undefined) this.#shares.take(recipient, session)
    if (feeds !== undefined) this.#feeds.send(recipient, session)
    if (recipient.onIdle !== undefined && isIdle(session)) recipient.onIdle()
  }

  /**
   * Begins to send what is retained under a new subscription; the client gets it when there is room
   * (`resume`).
   * [MQTT-3.8.4-4] [v3 MQTT-3.3.1-6] [v3 MQTT-3.3.1-8]
   * @param upTo the newest event; what is retained later comes as it is published
   * @param givenBefore events that a feed has given which the last hub did not end
   */
  feed(session: Session, filter: string, upTo: number, givenBefore: ReadonlySet<number> | null = null): void {
    const { subscriptions } = session
    subscriptions.beginFeed(new Feed({ owner: subscriptions, filter, upTo, givenBefore }))
  }

  /** A session has ended: what it was sent of shared subscriptions goes to other members. */
  moveOn(session: Session): void {
    this.#shares.moveOn(session)
  }

  /**
   * Sends again what was under way, in the order in which it was sent.
   * [MQTT-4.4.0-1] [MQTT-4.6.0-1] [v3 MQTT-4.4.0-1] [v3 MQTT-4.6.0-1]
   */
  #resend(recipient: Recipient, session: Session): void {
    const { resends } = recipient
    while (resends.length > 0) {
      const [id, owed] = resends.at(-1)!
      if (owed !== null) {
        if (!hasRoomAgain(recipient, session, this.#limits)) return
        // QoS 1 messages that were under way when the hub stopped have to be fetched.
        if (session.waiting.holdsStoredBefore(owed.event)) {
          if (this.#sendNext(recipient, session)) continue
          return
        }
      }
      resends.pop()
      // [MQTT-3.3.1-1] [v3 MQTT-3.3.1-1] [MQTT-4.3.3-7]
      if (owed === null) recipient.answer(FirstByte.pubrel, ReasonCode.Success, id)
      else if (!mayReceive(session.pass, owed.message.topic)) this.#deny(recipient, session, id, owed)
      else if (!this.#copies.send(recipient, owed, true, id)) session.acknowledged(id)
    }
  }

  /** A client comes back that has lost the right to a message which was under way to it. */
  #deny(recipient: Recipient, session: Session, id: number, owed: Owed): void {
    if (this.#shares.takeBack(session, id, owed)) return
    this.#counters.drop('denied')
    if (owed.qos === 1) return session.acknowledged(id)
    // The client may hold the packet id since the message was sent first. PUBREL ends the handshake on both
    // sides.
    this.#journal.whenCommitted(session.released(id), () => {
      if (session.recipient === recipient) recipient.answer(FirstByte.pubrel, ReasonCode.Success, id)
    })
  }

  #sendWaiting(recipient: Recipient, session: Session): void {
    while (session.waiting.size > 0 && hasRoom(recipient, session, this.#limits)) {
      if (!this.#sendNext(recipient, session)) return
    }
  }

  /** Returns whether there was a next one at hand. */
  #sendNext(recipient: Recipient, session: Session): boolean {
    const { waiting, pass } = session
    const owed = waiting.peek()
    if (owed === undefined) {
      this.#fetch(recipient, session)
      return false
    }
    waiting.shift()
    const { expiresAt, topic } = owed.message
    if (expiresAt <= this.#clock.now()) this.#counters.drop('expired') // [MQTT-3.3.2-5]
    else if (!mayReceive(pass, topic)) this.#counters.drop('denied')
    else this.#copies.begin(recipient, session, owed)
    return true
  }

  #fetch(asking: Recipient, session: Session): void {
    const read = (events: readonly Event[]) => owedOf(this.#routes, session, events)
    this.#pages.fetch(session.waiting, asking, read, () => {
      session.journal?.progressed(session)
      if (session.recipient !== null) this.resume(session.recipient, session)
    })
  }
}

const isIdle = ({ isOwed, subscriptions: { feeds } }: Session): boolean =>
  !isOwed && [...(feeds?.values() ?? [])].every(({ isSpent }) => isSpent)

/**
 * Sorts what was under way into the order in which it was sent. What is left of the time before the start
 * comes first, by its events, for not all of it was restored at the same time.
 * [MQTT-4.6.0-1] [v3 MQTT-4.6.0-1]
 */
function inOrder(kept: readonly Resend[], startedAfter: number): readonly Resend[] {
  const isOld = ([, owed]: Resend): boolean =>
    owed !== null && owed.event > 0 && owed.event <= startedAfter && owed.via === null
  const old = kept.filter(isOld)
  if (old.length === 0) return kept
  const [released, others] = [
    kept.filter(([, owed]) => owed === null),
    kept.filter(([, owed]) => owed !== null),
  ]
  const byEvent = old.toSorted(([, a], [, b]) => (a?.event ?? 0) - (b?.event ?? 0))
  return [...released, ...byEvent, ...others.filter((one) => !isOld(one))]
}
