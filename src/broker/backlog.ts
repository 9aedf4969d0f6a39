// What clients could not be sent at once: resends, what has waited, retained messages under a new subscription. It is sent piece by
// piece, as the client's window and its socket have room, in the order in which it was promised.

import type { Clock } from '../base/clock.ts'
import type { QoS } from '../model/event.ts'
import { FirstByte } from '../mqtt/fixed-header.ts'
import { ReasonCode } from '../mqtt/reason-codes.ts'
import type { Connection } from './connection.ts'
import type { Copies } from './copies.ts'
import type { Counters } from './counters.ts'
import { Flight } from './inflight.ts'
import type { Keeper } from './keeper.ts'
import type { Message, Owed } from './message.ts'
import { mayReceive } from './passes.ts'
import type { RetainedMessages } from './retained.ts'
import type { Session, Subscription } from './session.ts'
import { hasRoom, isHeld } from './window.ts'

/** Retained messages that a client has asked for by subscribing, and gets as its socket takes them. */
export interface Feed {
  readonly subscription: Subscription
  readonly messages: Iterator<Message>
}

export interface BacklogOptions {
  readonly clock: Clock
  readonly counters: Counters
  readonly copies: Copies
  readonly retained: RetainedMessages
  readonly keeper: Keeper
  /** What is to be sent of events that a session was owed when the hub last stopped. */
  readonly load: (session: Session, events: readonly number[]) => Promise<Owed[]>
}

/** So many messages of the time before the start are fetched at once. */
const PAGE = 200

export class Backlog {
  readonly #clock: Clock
  readonly #counters: Counters
  readonly #copies: Copies
  readonly #retained: RetainedMessages
  readonly #keeper: Keeper
  readonly #load: BacklogOptions['load']

  constructor({ clock, counters, copies, retained, keeper, load }: BacklogOptions) {
    this.#clock = clock
    this.#counters = counters
    this.#copies = copies
    this.#retained = retained
    this.#keeper = keeper
    this.#load = load
  }

  /** A session has got its connection: first again what was under way, then what has waited. */
  takeUp(connection: Connection, session: Session): void {
    connection.resends.push(...session.inflight.kept())
    this.resume(connection, session)
  }

  /** There may be room again: in the client's window, or in its socket. */
  resume(connection: Connection, session: Session): void {
    if (connection.resends.length > 0) this.#resend(connection, session)
    if (session.waiting.size > 0) this.#sendWaiting(connection, session)
    if (connection.feeds.length > 0) this.#sendFeeds(connection, session)
  }

  /**
   * Sends what is retained under a new subscription, in pieces that the client's socket can take.
   * [MQTT-3.8.4-4] [v3 MQTT-3.3.1-6] [v3 MQTT-3.3.1-8]
   */
  sendRetained(connection: Connection, subscription: Subscription): void {
    const messages = this.#retained.match(subscription.filter, this.#clock.now())
    const { feeds } = connection
    // What an earlier subscription to the same filter has yet to send is sent by this one anyway.
    const same = feeds.findIndex((feed) => feed.subscription.filter === subscription.filter)
    if (same !== -1) feeds.splice(same, 1)
    feeds.push({ subscription, messages })
    this.resume(connection, subscription.session)
  }

  /** A QoS 2 message leaves when its packet id is kept, so that it goes on under the same one after a crash. // [MQTT-4.4.0-1] */
  sendKept(connection: Connection, session: Session, owed: Owed): void {
    if (!this.#copies.fits(connection, owed)) return
    const id = session.inflight.nextId()
    session.sent(id, owed.qos, owed)
    session.held++
    this.#keeper.whenKept(session.mark, () => {
      session.held--
      if (session.connection !== connection || session.inflight.state(id) === Flight.free) return
      if (this.#copies.send(connection, owed, false, id)) return
      session.settled(id)
      this.resume(connection, session)
    })
  }

  #resend(connection: Connection, session: Session): void {
    const { resends } = connection
    while (resends.length > 0) {
      const [id, owed] = resends[0]!
      if (owed !== null && !hasRoom(connection, session)) return
      resends.shift()
      // [MQTT-3.3.1-1] [MQTT-4.4.0-1] [MQTT-4.6.0-1] [v3 MQTT-3.3.1-1] [v3 MQTT-4.4.0-1] [v3 MQTT-4.6.0-1] [MQTT-4.3.3-7]
      if (owed === null) connection.answer(FirstByte.pubrel, ReasonCode.Success, id)
      else if (!this.#copies.send(connection, owed, true, id)) session.settled(id)
    }
  }

  #sendWaiting(connection: Connection, session: Session): void {
    const { waiting } = session
    const now = this.#clock.now()
    while (hasRoom(connection, session)) {
      const owed = waiting.peek()
      if (owed === undefined) return this.#fetch(session)
      waiting.shift()
      if (owed.message.expiresAt <= now) this.#counters.drop('expired') // [MQTT-3.3.2-5]
      else if (!mayReceive(session.pass, owed.message.topic)) this.#counters.drop('denied')
      else if (isHeld(session, owed.qos)) this.sendKept(connection, session, owed)
      else this.#sendNow(connection, session, owed)
    }
  }

  #sendNow(connection: Connection, session: Session, owed: Owed): void {
    const id = session.inflight.nextId()
    // [MQTT-3.3.1-1] what was sent before the hub last stopped, under an identifier that is not known any more
    const dup = owed.event > 0 && owed.event <= session.resentUpTo
    if (!this.#copies.send(connection, owed, dup, id)) return
    session.sent(id, owed.qos, session.outlives || owed.share !== null ? owed : null)
  }

  /** The next page of what waited when the hub started. */
  #fetch(session: Session): void {
    const ids = session.waiting.nextStored(PAGE)
    if (ids.length === 0 || session.isFetching) return
    session.isFetching = true
    void this.#fetchPage(session, ids)
  }

  async #fetchPage(session: Session, ids: readonly number[]): Promise<void> {
    try {
      const owed = await this.#load(session, ids)
      session.waiting.fetched(ids.length, owed)
      session.keeper?.settled(session)
    } catch (error) {
      return session.connection?.giveUp(error)
    } finally {
      session.isFetching = false
    }
    if (session.connection !== null) this.resume(session.connection, session)
  }

  #sendFeeds(connection: Connection, session: Session): void {
    const { feeds } = connection
    for (let feed = feeds[0]; feed !== undefined; feed = feeds[0]) {
      const { subscription, messages } = feed
      while (true) {
        if (session.waiting.size > 0 || !hasRoom(connection, session)) return
        const next = messages.next()
        const now = session.subscriptions.get(subscription.filter)
        if (next.done === true || now === undefined) break
        if (mayReceive(session.pass, next.value.topic)) this.#sendFed(connection, now, next.value)
      }
      feeds.shift()
    }
  }

  #sendFed(
    connection: Connection,
    { session, qos: asked, identifier }: Subscription,
    message: Message,
  ): void {
    const qos = Math.min(asked, message.qos) as QoS
    const identifiers = identifier === 0 ? [] : [identifier]
    const owed = { message, event: 0, qos, retain: true, identifiers, share: null }
    const id = qos === 0 ? 0 : session.inflight.nextId()
    if (!this.#copies.send(connection, owed, false, id) || qos === 0) return
    session.sent(id, qos, session.outlives ? { ...owed, qos } : null)
  }
}
