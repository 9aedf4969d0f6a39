// Retained messages that clients have asked for by subscribing: found as they are sent, in pieces that the client's socket can take.

import type { Clock } from '../base/clock.ts'
import type { QoS } from '../model/event.ts'
import type { Connection } from './connection.ts'
import type { Copies } from './copies.ts'
import type { Message } from './message.ts'
import { mayReceive } from './passes.ts'
import type { RetainedMessages } from './retained.ts'
import type { Session, Subscription } from './session.ts'
import { hasRoom } from './window.ts'

export interface Feed {
  readonly subscription: Subscription
  readonly messages: Iterator<Message>
}

export class Feeds {
  readonly #clock: Clock
  readonly #copies: Copies
  readonly #retained: RetainedMessages

  constructor(clock: Clock, copies: Copies, retained: RetainedMessages) {
    this.#clock = clock
    this.#copies = copies
    this.#retained = retained
  }

  /** In the place of what an earlier subscription to the same filter has yet to be sent. */
  add({ feeds }: Connection, subscription: Subscription): void {
    const messages = this.#retained.match(subscription.filter, this.#clock.now())
    const same = feeds.findIndex((feed) => feed.subscription.filter === subscription.filter)
    if (same !== -1) feeds.splice(same, 1)
    feeds.push({ subscription, messages })
  }

  send(connection: Connection, session: Session): void {
    const { feeds } = connection
    for (let feed = feeds[0]; feed !== undefined; feed = feeds[0]) {
      const { subscription, messages } = feed
      while (true) {
        if (session.waiting.size > 0 || !hasRoom(connection, session)) return
        const next = messages.next()
        const now = session.subscriptions.get(subscription.filter)
        if (next.done === true || now === undefined) break
        if (mayReceive(session.pass, next.value.topic)) this.#send(connection, now, next.value)
      }
      feeds.shift()
    }
  }

  #send(connection: Connection, { session, qos: asked, identifier }: Subscription, message: Message): void {
    const qos = Math.min(asked, message.qos) as QoS
    const identifiers = identifier === 0 ? [] : [identifier]
    const copy = { message, event: 0, qos, retain: true, identifiers, share: null }
    const id = qos === 0 ? 0 : session.inflight.nextId()
    if (!this.#copies.send(connection, copy, false, id) || qos === 0) return
    session.sent(id, qos, session.outlives ? { ...copy, qos } : null)
  }
}
