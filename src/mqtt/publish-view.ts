// PUBLISH as the hub reads it: in place, into a view that is made once and filled again and again. Nothing is
// copied or allocated.

import { checkTopicName, EMPTY } from './bytes.ts'
import { PublishFlag } from './fixed-header.ts'
import { MqttError } from './mqtt-error.ts'
import type { ProtocolVersion, QoS } from './protocol.ts'
import {
  clearPublishProperties,
  readPublishProperties,
  type PublishPropertiesView,
} from './publish-properties.ts'
import { ReasonCode } from './reason-codes.ts'

/**
 * The PUBLISH that was read last. Offsets are into `buffer`, and are valid as long as the buffer is (see
 * `PacketSink`).
 */
export interface PublishView extends PublishPropertiesView {
  qos: QoS
  dup: boolean
  retain: boolean
  /** The packet identifier; 0 at QoS 0. */
  packetId: number
  topicStart: number
  topicEnd: number
  payloadStart: number
  payloadEnd: number
}

export function createPublishView(): PublishView {
  return {
    buffer: EMPTY,
    qos: 0,
    dup: false,
    retain: false,
    packetId: 0,
    topicStart: 0,
    topicEnd: 0,
    payloadStart: 0,
    payloadEnd: 0,
    propertiesStart: 0,
    propertiesEnd: 0,
    messagePropertiesLength: 0,
    payloadFormat: 0,
    messageExpiry: -1,
    messageExpiryAt: -1,
    responseTopicStart: 0,
    responseTopicEnd: 0,
    topicAlias: 0,
    subscriptionIdentifierCount: 0,
  }
}

/**
 * Fills the view from one packet. It checks everything except the characters of the topic: a caller that does
 * not find the topic's bytes in a cache of names calls `checkPublishTopic`. An empty topic is accepted only
 * together with a topic alias.
 */
export function readPublish(
  view: PublishView,
  version: ProtocolVersion,
  firstByte: number,
  buffer: Buffer,
  start: number,
  end: number,
): void {
  const qos = ((firstByte >> 1) & 3) as QoS
  const topicStart = start + 2
  if (topicStart > end) throw cutOff('the topic')
  const topicEnd = topicStart + ((buffer[start]! << 8) | buffer[start + 1]!)
  if (topicEnd > end) throw cutOff('the topic')
  let at = topicEnd
  let packetId = 0 // [MQTT-2.2.1-2] [v3 MQTT-2.3.1-5]
  if (qos > 0) {
    at += 2
    if (at > end) throw cutOff('the packet identifier')
    packetId = (buffer[topicEnd]! << 8) | buffer[topicEnd + 1]!
    // [MQTT-2.2.1-3] [MQTT-2.2.1-4] [v3 MQTT-2.3.1-1]
    if (packetId === 0) throw protocolError('the packet identifier is 0')
  }
  if (version === 5) at = readPublishProperties(view, buffer, at, end)
  else clearPublishProperties(view, at)
  if (topicStart === topicEnd && view.topicAlias === 0) {
    throw protocolError('the topic is empty') // [MQTT-4.7.3-1] [v3 MQTT-4.7.3-1], section 3.3.2.1
  }
  view.buffer = buffer
  view.qos = qos
  view.dup = (firstByte & PublishFlag.dup) !== 0
  view.retain = (firstByte & PublishFlag.retain) !== 0
  view.packetId = packetId
  view.topicStart = topicStart
  view.topicEnd = topicEnd
  view.payloadStart = at
  view.payloadEnd = end
}

/** Checks the characters of a topic that is not empty. */
export function checkPublishTopic(view: PublishView): void {
  // [MQTT-3.3.2-1] [v3 MQTT-3.3.2-1]
  checkTopicName(view.buffer, view.topicStart, view.topicEnd, 'PUBLISH: the topic')
}

function cutOff(what: string): MqttError {
  return new MqttError(ReasonCode.MalformedPacket, `PUBLISH: the packet ends inside ${what}.`)
}

function protocolError(fault: string): MqttError {
  return new MqttError(ReasonCode.ProtocolError, `PUBLISH: ${fault}.`)
}
