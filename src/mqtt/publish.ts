// PUBLISH, the packet that everything is about. For the hot path there is a view to read into and a draft to
// write from, both made once and filled again and again; for everybody else `decodePublish` and
// `encodePublish` with plain objects.

import { ByteReader } from './byte-reader.ts'
import { checkTopicName, copyBytes, EMPTY, varintSize, writeU16, writeU32, writeVarint } from './bytes.ts'
import { FirstByte, packetSize, writeFixedHeader } from './fixed-header.ts'
import { MqttError } from './mqtt-error.ts'
import { encodePropertyBytes, readProperties, type PropertiesOf } from './properties.ts'
import type { ProtocolVersion, QoS } from './protocol.ts'
import {
  clearPublishProperties,
  PublishProperty,
  readPublishProperties,
  type PublishPropertiesView,
} from './publish-properties.ts'
import { ReasonCode } from './reason-codes.ts'

export interface PublishPacket {
  readonly type: 'publish'
  readonly topic: string
  readonly payload: Buffer
  readonly qos: QoS
  readonly retain: boolean
  readonly dup: boolean
  /** There if the QoS is above 0, and only then. */
  readonly packetId?: number
  readonly properties?: PropertiesOf<'publish'>
}

/** The PUBLISH last read. Offsets are into `buffer`, and good for as long as that is (see `PacketSink`). */
export interface PublishView extends PublishPropertiesView {
  qos: QoS
  dup: boolean
  retain: boolean
  /** 0 at QoS 0. */
  packetId: number
  topicStart: number
  topicEnd: number
  payloadStart: number
  payloadEnd: number
}

/**
 * One PUBLISH to be written. Its parts may lie in different buffers: the topic in a cache, the payload in a
 * chunk.
 */
export interface PublishDraft {
  version: ProtocolVersion
  qos: QoS
  dup: boolean
  retain: boolean
  packetId: number
  topic: Buffer
  topicStart: number
  topicEnd: number
  payload: Buffer
  payloadStart: number
  payloadEnd: number
  /**
   * The raw message properties (see `publish-properties.ts`). This and all that follows counts in 5.0 only.
   */
  properties: Buffer
  propertiesStart: number
  propertiesEnd: number
  /** Where in `properties` the expiry stands that is to be replaced by `messageExpiry`; -1 for none. */
  messageExpiryAt: number
  /** In seconds: what is left of it. */
  messageExpiry: number
  /** 0 for none. With one that the receiver knows already, the topic may be empty. */
  topicAlias: number
  subscriptionIdentifiers: readonly number[]
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

export function createPublishDraft(version: ProtocolVersion): PublishDraft {
  return {
    version,
    qos: 0,
    dup: false,
    retain: false,
    packetId: 0,
    topic: EMPTY,
    topicStart: 0,
    topicEnd: 0,
    payload: EMPTY,
    payloadStart: 0,
    payloadEnd: 0,
    properties: EMPTY,
    propertiesStart: 0,
    propertiesEnd: 0,
    messageExpiryAt: -1,
    messageExpiry: 0,
    topicAlias: 0,
    subscriptionIdentifiers: NO_IDENTIFIERS,
  }
}

/**
 * Fills the view from one packet. All is checked but the characters of the topic: whoever does not find its
 * bytes in a cache of names calls `checkPublishTopic`. An empty topic passes only beside a topic alias.
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
  view.dup = (firstByte & DUP) !== 0
  view.retain = (firstByte & RETAIN) !== 0
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

/**
 * Properties as an object, for those who look inside; from their bytes without the length, as a view or a
 * draft has them.
 */
export function decodePublishProperties(
  buffer: Buffer,
  start: number,
  end: number,
): PropertiesOf<'publish'> | undefined {
  return readProperties(new ByteReader(buffer, start, end, 'PUBLISH'), 'publish', end - start)
}

export function decodePublish(
  version: ProtocolVersion,
  firstByte: number,
  buffer: Buffer,
  start: number,
  end: number,
): PublishPacket {
  const view = createPublishView()
  readPublish(view, version, firstByte, buffer, start, end)
  if (view.topicEnd > view.topicStart) checkPublishTopic(view)
  return {
    type: 'publish',
    topic: buffer.toString('utf8', view.topicStart, view.topicEnd),
    payload: Buffer.from(buffer.subarray(view.payloadStart, view.payloadEnd)),
    qos: view.qos,
    retain: view.retain,
    dup: view.dup,
    packetId: view.qos > 0 ? view.packetId : undefined,
    properties: decodePublishProperties(buffer, view.propertiesStart, view.propertiesEnd),
  }
}

/** Bytes that `writePublish` will write, header included. */
export function publishSize(draft: PublishDraft): number {
  return packetSize(bodyLength(draft))
}

/**
 * Writes the whole packet and returns the offset after it. The target must have room for
 * `publishSize(draft)`.
 */
export function writePublish(draft: PublishDraft, target: Buffer, at: number): number {
  const payloadAt = writePublishHead(draft, target, at)
  return copyBytes(draft.payload, draft.payloadStart, draft.payloadEnd, target, payloadAt)
}

/** Writes all but the payload, for one that is worth handing to the socket without a copy. */
export function writePublishHead(draft: PublishDraft, target: Buffer, at: number): number {
  const { qos, topicStart, topicEnd } = draft
  const flags = (draft.dup ? DUP : 0) | (qos << 1) | (draft.retain ? RETAIN : 0)
  at = writeFixedHeader(target, at, FirstByte.publish | flags, bodyLength(draft))
  at = writeU16(target, at, topicEnd - topicStart)
  at = copyBytes(draft.topic, topicStart, topicEnd, target, at)
  if (qos > 0) at = writeU16(target, at, draft.packetId)
  return draft.version === 5 ? writeDraftProperties(draft, target, at) : at
}

/**
 * Where the packet identifier stands in a written PUBLISH of QoS 1 or 2 that begins at `at`: all that differs
 * between the subscribers that share one.
 */
export function packetIdOffset(written: Buffer, at: number): number {
  let topic = at + 1
  while (written[topic]! >= 0x80) topic++
  topic++
  return topic + 2 + ((written[topic]! << 8) | written[topic + 1]!)
}

export function encodePublish(packet: PublishPacket, version: ProtocolVersion): Buffer {
  const draft = createPublishDraft(version)
  draft.qos = packet.qos
  draft.dup = packet.dup
  draft.retain = packet.retain
  draft.packetId = packet.packetId ?? 0
  draft.topic = Buffer.from(packet.topic)
  draft.topicEnd = draft.topic.length
  draft.payload = packet.payload
  draft.payloadEnd = packet.payload.length
  if (packet.properties !== undefined) {
    draft.properties = encodePropertyBytes(packet.properties)
    draft.propertiesEnd = draft.properties.length
  }
  const target = Buffer.allocUnsafe(publishSize(draft))
  writePublish(draft, target, 0)
  return target
}

const DUP = 0x08
const RETAIN = 0x01
const NO_IDENTIFIERS: readonly number[] = []

function bodyLength(draft: PublishDraft): number {
  let length = 2 + draft.topicEnd - draft.topicStart + draft.payloadEnd - draft.payloadStart
  if (draft.qos > 0) length += 2
  if (draft.version === 5) {
    const properties = propertiesLength(draft)
    length += varintSize(properties) + properties
  }
  return length
}

function propertiesLength(draft: PublishDraft): number {
  let length = draft.propertiesEnd - draft.propertiesStart
  if (draft.topicAlias > 0) length += 3
  for (const identifier of draft.subscriptionIdentifiers) length += 1 + varintSize(identifier)
  return length
}

function writeDraftProperties(draft: PublishDraft, target: Buffer, at: number): number {
  at = writeVarint(target, at, propertiesLength(draft))
  if (draft.topicAlias > 0) {
    target[at] = PublishProperty.topicAlias
    at = writeU16(target, at + 1, draft.topicAlias)
  }
  for (const identifier of draft.subscriptionIdentifiers) {
    target[at] = PublishProperty.subscriptionIdentifier
    at = writeVarint(target, at + 1, identifier)
  }
  const { properties, propertiesStart, propertiesEnd, messageExpiryAt } = draft
  if (messageExpiryAt >= 0) {
    copyBytes(properties, propertiesStart, propertiesEnd, target, at)
    writeU32(target, at + messageExpiryAt - propertiesStart, draft.messageExpiry) // [MQTT-3.3.2-6]
    return at + propertiesEnd - propertiesStart
  }
  return copyBytes(properties, propertiesStart, propertiesEnd, target, at)
}

function cutOff(what: string): MqttError {
  return new MqttError(ReasonCode.MalformedPacket, `PUBLISH: the packet ends inside ${what}.`)
}

function protocolError(fault: string): MqttError {
  return new MqttError(ReasonCode.ProtocolError, `PUBLISH: ${fault}.`)
}
