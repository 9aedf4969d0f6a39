// Retained messages that clients have asked for by subscribing. They are found as they are sent, in pieces that the client's socket can
// take, and that no other client has to wait for. A feed is the session's: it goes on when the client comes back, also after a crash of the hub.
//
// Of a feed it is only kept that it has not ended, and at QoS 2 what it has given: after a crash it begins anew, but for that.

import type { Clock } from '../../base/clock.ts'
import type { QoS } from '../../model/event.ts'
import type { Connection } from '../connection/connection.ts'
import type { Copies } from './copies.ts'
import type { Owed } from '../message/message.ts'
import { mayReceive } from '../session/rights.ts'
import type { Retained, RetainedMessages } from '../routing/retained.ts'
import type { Session, Subscription } from '../session/session.ts'
import type { Turns } from '../bounds/turns.ts'
import { hasRoom } from './window.ts'

/** Of one subscription: there from SUBSCRIBE until all is given and acknowledged. */
export class Feed {
  readonly filter: string
  /** null stands for a step in which nothing was found; there when the feed has its turn, as one client may wait for thousands of them. */
  messages: Iterator<Retained | null> | undefined = undefined
  /** Later ones come as they are published. */
  readonly upTo: number
  /** What it gave at QoS 2 before the hub last stopped; null if it began afterwards. */
  readonly givenBefore: ReadonlySet<number> | null
  #isSpent = false
  #open = 0

  constructor(filter: string, upTo: number, givenBefore: ReadonlySet<number> | null) {
    this.filter = filter
    this.upTo = upTo
    this.givenBefore = givenBefore
  }

  /** There is nothing more to give. */
  get isSpent(): boolean {
    return this.#isSpent
  }

  /** A message goes out. At QoS 2 its handshake, which is kept together with this, answers for it from now on. */
  given(session: Session, { event, qos }: Owed): void {
    if (qos === 1) this.#open++
    else if (event > 0) session.journal?.fed(session, this.filter, event)
  }

  /** A QoS 1 message is acknowledged. */
  acknowledged(session: Session): void {
    this.#open--
    this.#endIfOver(session)
  }

  spend(session: Session): void {
    this.#isSpent = true
    this.#endIfOver(session)
  }

  #endIfOver(session: Session): void {
    // A later subscription to the same filter has put its own feed in the place of this.
    if (!this.#isSpent || this.#open > 0 || session.feeds?.get(this.filter) !== this) return
    session.feeds.delete(this.filter)
    if (session.feeds.size === 0) session.feeds = undefined
    const isPromised = session.subscriptions.get(this.filter)?.retainedUpTo !== 0
    if (isPromised) session.journal?.feedEnded(session, this.filter)
  }
}

/** So many steps are made at once: one or two milliseconds. */
const STEPS = 500
const STEP_WORK = 20

export class Feeds {
  readonly #clock: Clock
  readonly #copies: Copies
  readonly #retained: RetainedMessages
  readonly #turns: Turns
  /** Those that go on in a later turn. */
  readonly #later = new Set<Connection>()
  #stepsLeft = 0

  constructor(clock: Clock, copies: Copies, retained: RetainedMessages, turns: Turns) {
    this.#clock = clock
    this.#copies = copies
    this.#retained = retained
    this.#turns = turns
  }

  /** @param givenBefore by a feed that the last hub did not end */
  begin(session: Session, filter: string, upTo: number, givenBefore: ReadonlySet<number> | null): void {
    const feed = new Feed(filter, upTo, givenBefore)
    session.feeds ??= new Map()
    session.feeds.delete(filter)
    session.feeds.set(filter, feed)
  }

  send(connection: Connection, session: Session): void {
    if (this.#later.has(connection)) return
    this.#stepsLeft = STEPS
    for (const feed of session.feeds?.values() ?? []) {
      const subscription = session.subscriptions.get(feed.filter)
      if (feed.isSpent || subscription === undefined) continue
      if (!this.#send(connection, subscription, feed)) break
      feed.spend(session)
    }
    this.#turns.spend((STEPS - this.#stepsLeft) * STEP_WORK)
    if (this.#stepsLeft === 0) this.#sendLater(connection, session)
  }

  /** When others have had their turn. */
  #sendLater(connection: Connection, session: Session): void {
    this.#later.add(connection)
    this.#turns.wait(() => {
      this.#later.delete(connection)
      if (session.connection === connection) this.send(connection, session)
    })
  }

  /** Returns whether all has been given. */
  #send(connection: Connection, subscription: Subscription, feed: Feed): boolean {
    const { session } = subscription
    const now = this.#clock.now()
    feed.messages ??= this.#retained.search(feed.filter)
    while (this.#stepsLeft > 0 && session.waiting.size === 0 && hasRoom(connection, session)) {
      this.#stepsLeft--
      const { done, value: message } = feed.messages.next()
      if (done === true) return true
      if (message === null) continue
      const { event, expiresAt, topic } = message
      const isDue = event <= feed.upTo && expiresAt > now && feed.givenBefore?.has(event) !== true
      if (isDue && mayReceive(session.pass, topic)) this.#give(connection, subscription, feed, message)
    }
    return false
  }

  #give(
    connection: Connection,
    { session, qos: asked, identifier }: Subscription,
    feed: Feed,
    message: Retained,
  ): void {
    const qos = Math.min(asked, message.qos) as QoS
    const identifiers = identifier === 0 ? [] : [identifier]
    const copy = { message, event: message.event, qos, retain: true, identifiers, share: null, feed }
    if (qos === 0) this.#copies.send(connection, copy, false, 0)
    else this.#copies.begin(connection, session, { ...copy, qos })
  }
}
