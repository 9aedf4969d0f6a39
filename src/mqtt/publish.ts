// PUBLISH as a plain object, for whoever is not on the hot path. The hub itself reads into a view
// (`publish-view.ts`) and writes from a draft (`publish-draft.ts`).

import { ByteReader } from './byte-reader.ts'
import { encodePropertyBytes, readProperties, type PropertiesOf } from './properties.ts'
import type { ProtocolVersion, QoS } from './protocol.ts'
import { createPublishDraft, publishSize, writePublish } from './publish-draft.ts'
import { checkPublishTopic, createPublishView, readPublish } from './publish-view.ts'

export interface PublishPacket {
  readonly type: 'publish'
  readonly topic: string
  readonly payload: Buffer
  readonly qos: QoS
  readonly retain: boolean
  readonly dup: boolean
  /** Present if the QoS is above 0, and only then. */
  readonly packetId?: number
  readonly properties?: PropertiesOf<'publish'>
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

/** Decodes properties from their bytes, without their length, as a view or a draft has them. */
export function decodePublishProperties(
  buffer: Buffer,
  start: number,
  end: number,
): PropertiesOf<'publish'> | undefined {
  return readProperties(new ByteReader(buffer, start, end, 'PUBLISH'), 'publish', end - start)
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
