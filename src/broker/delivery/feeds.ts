// Sends the retained messages that clients have asked for by subscribing. They are looked for as they are
// sent, in pieces that the client's socket can take, and that no other client has to wait for. A feed belongs
// to the session: it goes on when the client comes back, also after a crash of the hub.

import type { Clock } from '../../base/clock.ts'
import type { QoS } from '../../model/event.ts'
import type { Limits } from '../bounds/limits.ts'
import type { Turns } from '../bounds/turns.ts'
import type { Retained } from '../message/message.ts'
import type { RetainedMessages } from '../routing/retained.ts'
import type { Feed } from '../session/feed.ts'
import type { Recipient } from '../session/recipient.ts'
import { mayReceive } from '../session/rights.ts'
import type { Session, Subscription } from '../session/session.ts'
import type { Copies } from './copies.ts'
import { hasRoom } from './window.ts'

/** How many steps of a search are made at once: one or two milliseconds. */
const STEPS = 500
const STEP_WORK = 20

export interface FeedsOptions {
  /** By which messages expire. */
  readonly clock: Pick<Clock, 'now'>
  readonly limits: Limits
  readonly copies: Copies
  readonly retained: RetainedMessages
  readonly turns: Turns
}

export class Feeds {
  readonly #clock: Pick<Clock, 'now'>
  readonly #limits: Limits
  readonly #copies: Copies
  readonly #retained: RetainedMessages
  readonly #turns: Turns
  /** Those whose feeds go on in a later turn. */
  readonly #later = new Set<Recipient>()
  #stepsLeft = 0

  constructor({ clock, limits, copies, retained, turns }: FeedsOptions) {
    this.#clock = clock
    this.#limits = limits
    this.#copies = copies
    this.#retained = retained
    this.#turns = turns
  }

  send(recipient: Recipient, session: Session): void {
    if (this.#later.has(recipient)) return
    this.#stepsLeft = STEPS
    for (const feed of session.subscriptions.feeds?.values() ?? []) {
      const subscription = session.subscriptions.get(feed.filter)
      if (feed.isSpent || subscription === undefined) continue
      if (!this.#send(recipient, subscription, feed)) break
      feed.spend()
    }
    this.#turns.spend((STEPS - this.#stepsLeft) * STEP_WORK)
    if (this.#stepsLeft === 0) this.#sendLater(recipient, session)
  }

  /** Goes on when others have had their turn. */
  #sendLater(recipient: Recipient, session: Session): void {
    this.#later.add(recipient)
    this.#turns.wait(() => {
      this.#later.delete(recipient)
      if (session.recipient === recipient) this.send(recipient, session)
    })
  }

  /** Returns whether all has been given. */
  #send(recipient: Recipient, subscription: Subscription, feed: Feed): boolean {
    const { session } = subscription
    const now = this.#clock.now()
    feed.messages ??= this.#retained.search(feed.filter)
    while (this.#stepsLeft > 0 && session.waiting.size === 0 && hasRoom(recipient, session, this.#limits)) {
      this.#stepsLeft--
      const { done, value: message } = feed.messages.next()
      if (done === true) return true
      if (message === null) continue
      const { event, expiresAt, topic } = message
      const isDue = event <= feed.upTo && expiresAt > now && feed.givenBefore?.has(event) !== true
      if (isDue && mayReceive(session.pass, topic)) this.#give(recipient, subscription, feed, message)
    }
    return false
  }

  #give(
    recipient: Recipient,
    { session, qos: asked, identifier }: Subscription,
    feed: Feed,
    message: Retained,
  ): void {
    const qos = Math.min(asked, message.qos) as QoS
    const identifiers = identifier === 0 ? [] : [identifier]
    const copy = { message, event: message.event, qos, retain: true, identifiers, via: feed }
    if (qos === 0) this.#copies.send(recipient, copy, false, 0)
    else this.#copies.begin(recipient, session, { ...copy, qos })
  }
}
