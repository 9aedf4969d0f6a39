// What a client could not be sent at once: resends, what has waited for it or for a group of which it is a member, retained messages.
// It is sent piece by piece, as the client's window and its socket have room, in the order in which it was promised.

import type { Clock } from '../../base/clock.ts'
import type { Event } from '../../model/event.ts'
import { FirstByte } from '../../mqtt/fixed-header.ts'
import { ReasonCode } from '../../mqtt/reason-codes.ts'
import type { Connection } from '../connection/connection.ts'
import type { Copies } from './copies.ts'
import type { Counters } from '../bounds/counters.ts'
import { Feeds } from './feeds.ts'
import { ShareBacklog } from './share-backlog.ts'
import type { Owed } from '../message/message.ts'
import { Pages } from '../session/pages.ts'
import { mayReceive } from '../session/rights.ts'
import { owedOf } from '../clients/restore.ts'
import type { RetainedMessages } from '../routing/retained.ts'
import type { Routes } from '../routing/routing.ts'
import type { Session } from '../session/session.ts'
import type { Turns } from '../bounds/turns.ts'
import { hasRoom, hasRoomAgain } from './window.ts'

export interface BacklogOptions {
  readonly clock: Clock
  readonly counters: Counters
  readonly copies: Copies
  readonly retained: RetainedMessages
  readonly routes: Routes
  readonly turns: Turns
  /** Events that were owed when the hub last stopped. */
  readonly load: (events: readonly number[]) => Promise<Event[]>
}

export class Backlog {
  readonly #clock: Clock
  readonly #counters: Counters
  readonly #copies: Copies
  readonly #routes: Routes
  readonly #pages: Pages
  readonly #shares: ShareBacklog
  readonly #feeds: Feeds

  constructor({ clock, counters, copies, retained, routes, turns, load }: BacklogOptions) {
    this.#clock = clock
    this.#counters = counters
    this.#copies = copies
    this.#routes = routes
    this.#pages = new Pages(load)
    this.#shares = new ShareBacklog(clock, counters, copies, this.#pages)
    this.#feeds = new Feeds(clock, copies, retained, turns)
  }

  /** A session has got its connection: first again what was under way, then what has waited. */
  takeUp(connection: Connection, session: Session): void {
    const kept = inOrder([...session.inflight.toResend()], connection.hub.journal.startedAfter)
    for (const one of kept.toReversed()) connection.resends.push(one)
    this.resume(connection, session)
  }

  /** There may be room again: in the client's window, or in its socket. */
  resume(connection: Connection, session: Session): void {
    if (connection.resends.length > 0) this.#resend(connection, session)
    if (session.waiting.size > 0) this.#sendWaiting(connection, session)
    if (session.shares !== undefined) this.#shares.take(connection, session)
    if (session.feeds !== undefined) this.#feeds.send(connection, session)
  }

  /**
   * What is retained under a new subscription is there for the client, who is sent it when there is room.
   * [MQTT-3.8.4-4] [v3 MQTT-3.3.1-6] [v3 MQTT-3.3.1-8]
   * @param givenBefore by a feed that the last hub did not end
   */
  feed(session: Session, filter: string, upTo: number, givenBefore: ReadonlySet<number> | null = null): void {
    this.#feeds.begin(session, filter, upTo, givenBefore)
  }

  /** A session has ended, and with it what only it was to get. */
  moveOn(session: Session): void {
    this.#shares.moveOn(session)
  }

  /** In the order in which it was sent. // [MQTT-4.4.0-1] [MQTT-4.6.0-1] [v3 MQTT-4.4.0-1] [v3 MQTT-4.6.0-1] */
  #resend(connection: Connection, session: Session): void {
    const { resends } = connection
    while (resends.length > 0) {
      const [id, owed] = resends.at(-1)!
      if (owed !== null) {
        if (!hasRoomAgain(connection, session)) return
        // Of what was under way when the hub stopped, QoS 1 has to be fetched.
        if (session.waiting.holdsStoredBefore(owed.event)) {
          if (this.#sendNext(connection, session)) continue
          return
        }
      }
      resends.pop()
      // [MQTT-3.3.1-1] [v3 MQTT-3.3.1-1] [MQTT-4.3.3-7]
      if (owed === null) connection.answer(FirstByte.pubrel, ReasonCode.Success, id)
      else if (!this.#copies.send(connection, owed, true, id)) session.acknowledged(id)
    }
  }

  #sendWaiting(connection: Connection, session: Session): void {
    while (session.waiting.size > 0 && hasRoom(connection, session)) {
      if (!this.#sendNext(connection, session)) return
    }
  }

  /** Returns whether there was a next one at hand. */
  #sendNext(connection: Connection, session: Session): boolean {
    const { waiting, pass } = session
    const owed = waiting.peek()
    if (owed === undefined) {
      this.#fetch(connection, session)
      return false
    }
    waiting.shift()
    const { expiresAt, topic } = owed.message
    if (expiresAt <= this.#clock.now()) this.#counters.drop('expired') // [MQTT-3.3.2-5]
    else if (!mayReceive(pass, topic)) this.#counters.drop('denied')
    else this.#copies.begin(connection, session, owed)
    return true
  }

  #fetch(asking: Connection, session: Session): void {
    const read = (events: readonly Event[]) => owedOf(this.#routes, session, events)
    this.#pages.fetch(session.waiting, asking, read, () => {
      session.journal?.progressed(session)
      if (session.connection !== null) this.resume(session.connection, session)
    })
  }
}

type Kept = [id: number, owed: Owed | null]

/**
 * As they were sent: what is left of the time before the start comes first, by its events, for not all of it was restored at the same
 * time. // [MQTT-4.6.0-1] [v3 MQTT-4.6.0-1]
 */
function inOrder(kept: readonly Kept[], startedAfter: number): readonly Kept[] {
  const isOld = ([, owed]: Kept): boolean =>
    owed !== null && owed.event > 0 && owed.event <= startedAfter && owed.share === null && owed.feed === null
  const old = kept.filter(isOld)
  if (old.length === 0) return kept
  const [released, others] = [
    kept.filter(([, owed]) => owed === null),
    kept.filter(([, owed]) => owed !== null),
  ]
  const byEvent = old.toSorted(([, a], [, b]) => (a?.event ?? 0) - (b?.event ?? 0))
  return [...released, ...byEvent, ...others.filter((one) => !isOld(one))]
}
