// PUBLISH as the hub writes it: from a draft that is made once and filled again and again. The draft holds no
// bytes, only where they lie.

import { copyBytes, EMPTY, varintSize, writeU16, writeU32, writeVarint } from './bytes.ts'
import { FirstByte, packetSize, PublishFlag, writeFixedHeader } from './fixed-header.ts'
import type { ProtocolVersion, QoS } from './protocol.ts'
import { PublishProperty } from './publish-properties.ts'

/**
 * A PUBLISH that is to be written. Its parts may lie in different buffers: the topic in a cache, the payload
 * in a chunk.
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
  /** The raw message properties (see `publish-properties.ts`). The fields from here on matter in 5.0 only. */
  properties: Buffer
  propertiesStart: number
  propertiesEnd: number
  /** The offset in `properties` of the expiry that `messageExpiry` replaces; -1 for none. */
  messageExpiryAt: number
  /** The seconds that are left until the message expires. */
  messageExpiry: number
  /** The topic alias; 0 for none. If the receiver knows the alias already, the topic may be empty. */
  topicAlias: number
  subscriptionIdentifiers: readonly number[]
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

/** The number of bytes that `writePublish` will write, header included. */
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

/**
 * Writes all but the payload, for a payload that is large enough to be handed to the socket without a copy.
 */
export function writePublishHead(draft: PublishDraft, target: Buffer, at: number): number {
  const { qos, topicStart, topicEnd } = draft
  const flags = (draft.dup ? PublishFlag.dup : 0) | (qos << 1) | (draft.retain ? PublishFlag.retain : 0)
  at = writeFixedHeader(target, at, FirstByte.publish | flags, bodyLength(draft))
  at = writeU16(target, at, topicEnd - topicStart)
  at = copyBytes(draft.topic, topicStart, topicEnd, target, at)
  if (qos > 0) at = writeU16(target, at, draft.packetId)
  return draft.version === 5 ? writeDraftProperties(draft, target, at) : at
}

/**
 * Returns the offset of the packet identifier in a written PUBLISH of QoS 1 or 2 that begins at `at`.
 * Subscribers share the bytes of a PUBLISH, and only the identifier differs.
 */
export function packetIdOffset(written: Buffer, at: number): number {
  let topic = at + 1
  while (written[topic]! >= 0x80) topic++
  topic++
  return topic + 2 + ((written[topic]! << 8) | written[topic + 1]!)
}

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
