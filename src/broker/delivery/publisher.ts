// The one way that every message takes, whoever says it: keep it, then deliver it. It is on its way to the journal before
// anybody hears of it, and what it is acknowledged by is the id that this returns.

import type { RetainedHead } from '../../model/store.ts'
import type { Cause, Origin } from '../../model/event.ts'
import { EMPTY } from '../../mqtt/bytes.ts'
import { AT_ONCE } from '../connection/acks.ts'
import type { Hub } from '../connection/hub.ts'
import type { Message } from '../message/message.ts'
import { LiveMessage } from '../message/live-message.ts'
import type { Routing } from '../routing/routing.ts'

/** The id of the event that keeps the message, or AT_ONCE when nobody needs it kept. */
export function pass(
  hub: Hub,
  live: LiveMessage,
  routing: Routing,
  origin: Origin,
  client: string | null,
  cause: Cause | null = null,
): number {
  const { qos } = live
  const retain = live.retain && hub.retained.accepts(live.copy()) // [MQTT-3.3.1-8] [v3 MQTT-3.3.1-12]
  const { recorded, wanted, owed } = routing
  // What the hub says is waited for until it is committed.
  const needed = recorded || wanted || retain || (owed && qos > 0) || client === null
  const event = needed ? keep(hub, live, routing, retain, origin, client, cause) : AT_ONCE
  live.event = event
  // What is only said again stays as it is.
  if (retain && origin !== 'redelivered') hub.retained.set(live.copy(), event)
  hub.turns.spendOn(routing.targets.length)
  hub.delivery.deliver(live, routing)
  return event
}

/** Publishes what does not come from a connection: the hub's own messages, and wills. Returns the event's id, or AT_ONCE. */
export function publishMessage(
  hub: Hub,
  message: Message,
  by: { readonly origin: Origin; readonly client: string | null; readonly cause: Cause | null },
  routing: Routing = hub.routes.lookup(message.topicBytes, 0, message.topicBytes.length),
): number {
  const live = new LiveMessage()
  live.fill(message, hub.clock.now())
  // A will is its client's own message. // [MQTT-3.8.3-3]
  if (by.client !== null) live.publisher = hub.sessions.get(by.client) ?? null
  return pass(hub, live, routing, by.origin, by.client, by.cause)
}

/**
 * Appends what is retained as events for the rules alone: at QoS 0 no session is owed them. Returns the id of the last one, or
 * AT_ONCE when none of the messages is retained any more.
 */
export function recallRetained(hub: Hub, messages: readonly RetainedHead[]): number {
  const at = hub.clock.now()
  let last = AT_ONCE
  for (const { topic, event } of messages) {
    const message = hub.retained.get(topic)
    if (message?.event !== event || message.expiresAt <= at) continue
    const { payload, properties, topicBytes } = message
    last = hub.eventLog.append({
      at,
      topic,
      payload,
      qos: 0,
      retain: false,
      origin: 'retained',
      client: null,
      properties: properties.length > 0 ? properties : null,
      cause: { event, run: null, depth: 1 },
      recorded: hub.routes.lookup(topicBytes, 0, topicBytes.length).recorded,
    })
  }
  return last
}

/** Takes retained messages that have expired out of the journal too. Nobody has said anything: rules do not fire on it. */
export function forgetExpired(hub: Hub): void {
  const at = hub.clock.now()
  for (const topic of hub.retained.sweep(at)) {
    hub.eventLog.append({
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

function keep(
  hub: Hub,
  live: LiveMessage,
  { topic, recorded }: Routing,
  retain: boolean,
  origin: Origin,
  client: string | null,
  cause: Cause | null,
): number {
  const { payload, payloadStart, payloadEnd, properties, propertiesStart, propertiesEnd } = live.draft
  return hub.eventLog.append({
    at: hub.clock.now(),
    topic,
    payload: payload.subarray(payloadStart, payloadEnd),
    qos: live.qos,
    retain,
    origin,
    client,
    properties: propertiesEnd > propertiesStart ? properties.subarray(propertiesStart, propertiesEnd) : null,
    cause,
    recorded,
  })
}
