// The one way that every message takes, whoever says it: it is appended to the journal, then delivered. So it
// is on its way to the journal before anybody hears of it, and what acknowledges it is the id that `publish`
// returns.

import type { Clock } from '../../base/clock.ts'
import type { Cause, Origin } from '../../model/event.ts'
import type { Observer } from '../../model/observer.ts'
import { AT_ONCE, type EventLog, type RetainedHead } from '../../model/store.ts'
import { EMPTY } from '../../mqtt/bytes.ts'
import type { Turns } from '../bounds/turns.ts'
import { LiveMessage } from '../message/live-message.ts'
import type { Message } from '../message/message.ts'
import type { RetainedMessages } from '../routing/retained.ts'
import type { Routes, Routing } from '../routing/routing.ts'
import type { Session } from '../session/session.ts'
import type { PauseWatch } from '../socket/pause-watch.ts'
import type { Delivery } from './delivery.ts'

export interface PublisherOptions {
  readonly clock: Clock
  readonly expiry: Pick<Clock, 'now'>
  readonly pauses: Pick<PauseWatch, 'look'>
  readonly eventLog: EventLog
  readonly retained: RetainedMessages
  readonly routes: Routes
  readonly turns: Turns
  readonly delivery: Delivery
}

/** Who publishes a message that does not come from a connection. */
export interface By {
  readonly origin: Origin
  readonly client: string | null
  readonly cause: Cause | null
  /** The session of the client, if it is still there. */
  readonly session?: Session | null
}

export class Publisher {
  /** Is called for every message while somebody looks on; `null`: nobody does. */
  observer: Observer | null = null
  readonly #clock: Clock
  readonly #expiry: Pick<Clock, 'now'>
  readonly #pauses: Pick<PauseWatch, 'look'>
  readonly #eventLog: EventLog
  readonly #retained: RetainedMessages
  readonly #routes: Routes
  readonly #turns: Turns
  readonly #delivery: Delivery

  constructor({ clock, expiry, pauses, eventLog, retained, routes, turns, delivery }: PublisherOptions) {
    this.#clock = clock
    this.#expiry = expiry
    this.#pauses = pauses
    this.#eventLog = eventLog
    this.#retained = retained
    this.#routes = routes
    this.#turns = turns
    this.#delivery = delivery
  }

  /** Returns the id of the event that records the message, or AT_ONCE when nobody needs it recorded. */
  publish(
    live: LiveMessage,
    routing: Routing,
    origin: Origin,
    client: string | null,
    cause: Cause | null = null,
  ): number {
    const { qos } = live
    const retain = live.retain && this.#retained.accepts(live.copy()) // [MQTT-3.3.1-8] [v3 MQTT-3.3.1-12]
    const { recorded, wanted, owed } = routing
    // Whoever publishes in the hub's name waits until the message is committed.
    const needed = recorded || wanted || retain || (owed && qos > 0) || client === null
    const event = needed ? this.#append(live, routing, retain, origin, client, cause) : AT_ONCE
    live.event = event
    // A message that is redelivered is retained already.
    if (retain && origin !== 'redelivered') this.#retained.set(live.copy(), event)
    if (this.observer !== null) this.observer(routing, live, origin, client)
    this.#turns.spendOn(routing.targets.length)
    this.#delivery.deliver(live, routing)
    return event
  }

  /**
   * Publishes what does not come from a connection: the hub's own messages, and wills. Returns what `publish`
   * does.
   */
  publishMessage(
    message: Message,
    { origin, client, cause, session }: By,
    routing: Routing = this.#routes.lookup(message.topicBytes, 0, message.topicBytes.length),
  ): number {
    const live = new LiveMessage()
    live.fill(message, this.#expiry.now())
    // A will is its client's own message. // [MQTT-3.8.3-3]
    live.publisher = session ?? null
    return this.publish(live, routing, origin, client, cause)
  }

  /**
   * Appends retained messages as events for the rules alone: at QoS 0 no session is owed them. Returns the id
   * of the last event, or AT_ONCE when none of the messages is retained any more.
   */
  recallRetained(messages: readonly RetainedHead[]): number {
    const at = this.#now()
    const now = this.#expiry.now()
    let last = AT_ONCE
    for (const { topic, event } of messages) {
      const message = this.#retained.get(topic)
      if (message?.event !== event || message.expiresAt <= now) continue
      const { payload, properties, topicBytes } = message
      last = this.#eventLog.append({
        at,
        topic,
        payload,
        qos: 0,
        retain: false,
        origin: 'retained',
        client: null,
        properties: properties.length > 0 ? properties : null,
        cause: { event, run: null, depth: 1 },
        recorded: this.#routes.lookup(topicBytes, 0, topicBytes.length).recorded,
      })
    }
    return last
  }

  /**
   * Takes expired retained messages out of the journal too. Nobody has published anything: rules do not fire
   * on it.
   */
  forgetExpired(): void {
    const at = this.#now()
    for (const topic of this.#retained.sweep(this.#expiry.now())) {
      this.#eventLog.append({
        at,
        topic,
        payload: EMPTY,
        qos: 0,
        retain: true,
        origin: 'retained',
        client: null,
        properties: null,
        cause: null,
        recorded: false,
      })
    }
  }

  /** The time for the next event. A pause before this moment is appended first. */
  #now(): number {
    const now = this.#clock.now()
    this.#pauses.look(now)
    return now
  }

  #append(
    { draft, qos }: LiveMessage,
    { topic, recorded }: Routing,
    retain: boolean,
    origin: Origin,
    client: string | null,
    cause: Cause | null,
  ): number {
    const { payload, payloadStart, payloadEnd, properties, propertiesStart, propertiesEnd } = draft
    return this.#eventLog.append({
      at: this.#now(),
      topic,
      payload: payload.subarray(payloadStart, payloadEnd),
      qos,
      retain,
      origin,
      client,
      properties:
        propertiesEnd > propertiesStart ? properties.subarray(propertiesStart, propertiesEnd) : null,
      cause,
      recorded,
    })
  }
}
