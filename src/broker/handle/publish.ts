// PUBLISH: the hot path. Append, deliver, acknowledge, in this order: `publish` appends the event to the
// journal and delivers the message, and the acknowledgement waits until the event is committed.
// [MQTT-4.3.2-4] [MQTT-4.3.3-8] [v3 MQTT-4.3.2-2] [v3 MQTT-4.3.3-2]

import type { Origin } from '../../model/event.ts'
import { FirstByte } from '../../mqtt/fixed-header.ts'
import { MqttError } from '../../mqtt/mqtt-error.ts'
import { createPublishView, readPublish } from '../../mqtt/publish-view.ts'
import { copyMessageProperties, findMessageExpiry } from '../../mqtt/publish-properties.ts'
import { ReasonCode } from '../../mqtt/reason-codes.ts'
import { AT_ONCE } from '../../model/store.ts'
import type { Connection } from '../connection/connection.ts'
import { LiveMessage } from '../message/live-message.ts'
import { mayPublish } from '../routing/may-publish.ts'
import type { Routing } from '../routing/routing.ts'
import { mayBeAnswered } from '../session/rights.ts'
import type { Session } from '../session/session.ts'

const view = createPublishView()
const live = new LiveMessage()

export function handlePublish(
  connection: Connection,
  session: Session,
  firstByte: number,
  buffer: Buffer,
  start: number,
  end: number,
): void {
  const { hub, version } = connection
  readPublish(view, version, firstByte, buffer, start, end)
  const { qos, packetId } = view
  if (view.subscriptionIdentifierCount > 0) {
    // [MQTT-3.3.4-6]
    throw new MqttError(ReasonCode.ProtocolError, 'PUBLISH: a client sent a subscription identifier.')
  }
  hub.counters.publishesReceived++
  hub.counters.publishBytesReceived += view.payloadEnd - view.payloadStart
  const routing = routingOf(connection, buffer)
  if (qos > 0) {
    if (isCopy(connection, session)) return
    admit(connection, session)
  }
  if (routing !== connection.cleared) {
    if (!mayPublish(session.pass, routing)) return refuse(connection, qos, packetId)
    connection.cleared = routing
  }
  if (view.responseTopicEnd > 0 && session.pass.rights !== null) {
    const topic = buffer.toString('utf8', view.responseTopicStart, view.responseTopicEnd)
    if (!mayBeAnswered(session.pass, topic)) return refuse(connection, qos, packetId)
  }

  fill(connection, session, routing)
  session.published(hub.clock.now())
  const publish = (): number => hub.publisher.publish(live, routing, originOf(connection), session.clientId)
  const event = connection.signedBy === null ? publish() : takeFromHub(connection, publish)
  // A client that appends nothing to the journal is not paused while the journal is behind.
  if (hub.eventLog.congested && (event !== AT_ONCE || routing.recorded || routing.wanted))
    connection.reader.pause()
  if (qos === 0) return
  if (event !== AT_ONCE) session.received.published(event)
  if (qos === 2) session.received.took(packetId, event) // whatever becomes of the message [MQTT-4.3.3-13]
  const reason = event === AT_ONCE && !isHeard(routing) ? unheard(version) : ReasonCode.Success
  // [MQTT-2.2.1-5] [MQTT-3.3.4-1] [v3 MQTT-2.3.1-6] [v3 MQTT-3.3.4-1]
  connection.acks.add(event, qos === 1 ? FirstByte.puback : FirstByte.pubrec, reason, packetId)
}

/** What another hub sends is published once, by however many ways it comes. */
function takeFromHub({ hub }: Connection, publish: () => number): number {
  return hub.arrivals.once(live.copy(), publish, () => hub.counters.drop('loop'))
}

/**
 * The origin of a message. A bridge publishes all that its broker has retained whenever it connects. What is
 * retained here already, unchanged, is redelivered: whoever is connected gets it, and no rule fires.
 */
function originOf({ bridge, hub }: Connection): Origin {
  if (bridge === null) return 'live'
  return live.retain && hub.retained.isRepeat(live.copy(), bridge) ? 'redelivered' : 'bridge'
}

/**
 * Whether the message was taken already, under the same packet id. Then only its acknowledgement is repeated.
 */
function isCopy({ acks }: Connection, { received }: Session): boolean {
  const { qos, packetId, dup } = view
  if (qos === 2) {
    if (!received.has(packetId)) return false
    // [MQTT-4.3.3-10] [v3 MQTT-4.3.3-2]
    acks.add(received.lastEvent, FirstByte.pubrec, ReasonCode.Success, packetId)
    return true
  }
  const event = received.takeUnanswered(packetId) // [MQTT-4.3.2-5]
  if (event === undefined || !dup) return false
  acks.add(event, FirstByte.puback, ReasonCode.Success, packetId)
  return true
}

/** The routing of the topic that the packet names, or has named before under its alias. */
function routingOf(connection: Connection, buffer: Buffer): Routing {
  const { routes, limits } = connection.hub
  const { topicStart, topicEnd, topicAlias } = view
  if (topicAlias === 0) {
    return routes.lookup(buffer, topicStart, topicEnd)
  }
  if (topicAlias > limits.topicAliases) {
    // [MQTT-3.3.2-9]
    throw new MqttError(
      ReasonCode.TopicAliasInvalid,
      `PUBLISH: the topic alias ${topicAlias} is above the ${limits.topicAliases} that were offered.`,
    )
  }
  connection.aliases ??= []
  if (topicEnd > topicStart) {
    const routing = routes.lookup(buffer, topicStart, topicEnd)
    connection.aliases[topicAlias] = routing.topicBytes // [MQTT-3.3.2-12]
    return routing
  }
  const named = connection.aliases[topicAlias]
  if (named === undefined) {
    throw new MqttError(
      ReasonCode.ProtocolError,
      `PUBLISH: the topic alias ${topicAlias} stands for nothing yet.`,
    )
  }
  return routes.lookup(named, 0, named.length)
}

/**
 * Refuses a client that has more handshakes under way than it was offered.
 * [MQTT-3.3.4-7] [MQTT-3.3.4-8]
 */
function admit({ acks, hub, version }: Connection, { received }: Session): void {
  const { receiveMaximum } = hub.limits
  if (version < 5 || acks.pubacks + received.size < receiveMaximum) return
  throw new MqttError(
    ReasonCode.ReceiveMaximumExceeded,
    `PUBLISH: more than ${receiveMaximum} messages are under way.`,
  )
}

/** Drops the message. Before 5.0 there is no way to say no: it is acknowledged. // [MQTT-4.3.3-9] */
function refuse(connection: Connection, qos: 0 | 1 | 2, packetId: number): void {
  connection.hub.counters.drop('denied')
  if (qos === 0) return
  const reason = connection.version === 5 ? ReasonCode.NotAuthorized : ReasonCode.Success // [v3 MQTT-3.3.5-2]
  connection.acks.add(AT_ONCE, qos === 1 ? FirstByte.puback : FirstByte.pubrec, reason, packetId)
}

function fill(connection: Connection, session: Session, routing: Routing): void {
  const { buffer, propertiesStart, propertiesEnd, messageExpiry } = view
  const { draft } = live
  live.begin()
  live.topic = routing.topic
  live.qos = view.qos
  live.retain = view.retain
  live.expiresAt = messageExpiry < 0 ? Infinity : connection.hub.expiry.now() + messageExpiry * 1_000
  live.publisher = session
  draft.topic = routing.topicBytes
  draft.topicEnd = routing.topicBytes.length
  draft.payload = buffer
  draft.payloadStart = view.payloadStart
  draft.payloadEnd = view.payloadEnd
  draft.messageExpiry = messageExpiry
  if (view.messagePropertiesLength === propertiesEnd - propertiesStart) {
    // [MQTT-3.3.2-4] [MQTT-3.3.2-15] [MQTT-3.3.2-16] [MQTT-3.3.2-17] [MQTT-3.3.2-18] [MQTT-3.3.2-20]
    draft.properties = buffer
    draft.propertiesStart = propertiesStart
    draft.propertiesEnd = propertiesEnd
    draft.messageExpiryAt = view.messageExpiryAt
  } else {
    // Without what is between this client and us alone.
    const properties = Buffer.allocUnsafe(view.messagePropertiesLength)
    draft.properties = properties
    draft.propertiesStart = 0
    draft.propertiesEnd = copyMessageProperties(view, properties, 0)
    draft.messageExpiryAt = findMessageExpiry(properties, 0, properties.length)
  }
}

const isHeard = ({ targets, shares }: Routing): boolean => targets.length > 0 || shares.length > 0

const unheard = (version: number): ReasonCode =>
  version === 5 ? ReasonCode.NoMatchingSubscribers : ReasonCode.Success
