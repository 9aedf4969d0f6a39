// Last wills: what a client wants to be published when it goes without a word.

import type { Clock } from '../../base/clock.ts'
import type { Will as WillFields } from '../../mqtt/connect.ts'
import { encodePropertyBytes } from '../../mqtt/properties.ts'
import type { Counters } from '../bounds/counters.ts'
import type { Publisher } from '../delivery/publisher.ts'
import { messageFrom } from '../message/message.ts'
import { mayPublish } from '../routing/may-publish.ts'
import type { Routes } from '../routing/routing.ts'
import type { Session } from '../session/session.ts'
import type { SessionJournal } from '../session/session-journal.ts'
import { afterGrace } from '../socket/grace.ts'

export interface WillsOptions {
  readonly clock: Clock
  readonly expiry: Pick<Clock, 'now'>
  readonly counters: Counters
  readonly journal: SessionJournal
  readonly publisher: Publisher
  readonly routes: Routes
}

export class Wills {
  readonly #clock: Clock
  readonly #expiry: Pick<Clock, 'now'>
  readonly #counters: Counters
  readonly #journal: SessionJournal
  readonly #publisher: Publisher
  readonly #routes: Routes
  /** Cancels the wills whose delay is running. */
  readonly #delayed = new Map<Session, () => void>()

  constructor({ clock, expiry, counters, journal, publisher, routes }: WillsOptions) {
    this.#clock = clock
    this.#expiry = expiry
    this.#counters = counters
    this.#journal = journal
    this.#publisher = publisher
    this.#routes = routes
  }

  /** Takes the will that a client leaves. It is recorded before the client hears that it is connected. */
  take(session: Session, fields: WillFields): void {
    const { topic, payload, qos, retain } = fields
    const { willDelayInterval: delaySeconds = 0, ...properties } = fields.properties ?? {}
    const will = {
      topic,
      payload: Buffer.from(payload), // the next packet is read over the bytes of this one
      qos,
      retain,
      properties: encodePropertyBytes(properties),
      delaySeconds,
    }
    session.setWill(will)
    this.#journal.will(session, will)
  }

  /**
   * The connection has ended and did not take back its will: it is published now, or after its delay, or when
   * the session ends, whichever comes first.
   * [MQTT-3.1.2-8] [v3 MQTT-3.1.2-8] [MQTT-3.1.3-9]
   */
  release(session: Session): void {
    const { will } = session
    if (will === null) return // [v3 MQTT-3.1.2-12]
    if (will.delaySeconds === 0 || !session.outlives) return this.publish(session)
    const delayMs = will.delaySeconds * 1_000
    this.#journal.willDue(session, this.#clock.now() + delayMs)
    this.publishAfter(session, delayMs)
  }

  publishAfter(session: Session, delayMs: number): void {
    this.#delayed.set(
      session,
      afterGrace(this.#clock, delayMs, () => this.publish(session)),
    )
  }

  /**
   * Publishes the will at most once: it is appended to the journal and removed from the session in one piece.
   * [MQTT-3.1.2-10] [v3 MQTT-3.1.2-10]
   * @param publisher the session whose own message it is, which No Local asks for
   */
  publish(session: Session, publisher: Session | null = session): void {
    const { will } = session
    if (will === null) return
    // [MQTT-3.1.2-14] [MQTT-3.1.2-15] [v3 MQTT-3.1.2-16] [v3 MQTT-3.1.2-17]: as the client asked, retained or
    // not
    const routing = this.#routes.ofTaken(will.topic)
    if (mayPublish(session.pass, routing)) {
      const message = messageFrom({ ...will, at: this.#expiry.now() })
      const by = { origin: 'will', client: session.clientId, cause: null, session: publisher } as const
      this.#publisher.publishMessage(message, by, routing)
    } else this.#counters.drop('denied')
    this.drop(session)
  }

  /** Takes the will back: nobody hears of it. */
  drop(session: Session): void {
    this.#delayed.get(session)?.()
    this.#delayed.delete(session)
    if (session.will === null) return
    session.setWill(null)
    this.#journal.willGone(session)
  }

  /** Stops all timers. */
  stop(): void {
    for (const cancel of this.#delayed.values()) cancel()
    this.#delayed.clear()
  }
}
