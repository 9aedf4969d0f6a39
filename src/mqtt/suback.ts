// SUBACK: one reason code for each topic filter of a SUBSCRIBE, in its order, from the server.

import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { FirstByte } from './fixed-header.ts'
import { readProperties, writeProperties, type PropertiesOf } from './properties.ts'
import type { ProtocolVersion } from './protocol.ts'
import { isFailure, ReasonCode } from './reason-codes.ts'

export interface SubackPacket {
  readonly type: 'suback'
  readonly packetId: number
  /** The granted QoS, or why not. */
  readonly reasonCodes: readonly ReasonCode[]
  readonly properties?: PropertiesOf<'suback'>
}

export function decodeSuback(
  version: ProtocolVersion,
  buffer: Buffer,
  start: number,
  end: number,
): SubackPacket {
  const reader = new ByteReader(buffer, start, end, 'SUBACK')
  const packetId = reader.packetId()
  const properties = version === 5 ? readProperties(reader, 'suback') : undefined
  if (reader.left === 0) throw reader.protocolError('it holds no reason code')
  const reasonCodes: ReasonCode[] = []
  const allowed = version === 5 ? ALLOWED : ALLOWED_BEFORE_5
  while (reader.left > 0) reasonCodes.push(reader.reasonCode(allowed)) // [MQTT-3.9.3-2] [v3 MQTT-3.9.3-2]
  return { type: 'suback', packetId, reasonCodes, properties }
}

/** Encodes a SUBACK. Before 5.0 every failure is 0x80. */
export function encodeSuback(packet: SubackPacket, version: ProtocolVersion): Buffer {
  const writer = new ByteWriter()
  writer.u16(packet.packetId)
  if (version === 5) writeProperties(writer, packet.properties)
  for (const code of packet.reasonCodes) {
    // [MQTT-3.9.3-1] [v3 MQTT-3.9.3-1]
    writer.u8(version < 5 && isFailure(code) ? ReasonCode.UnspecifiedError : code) // [v3 MQTT-3.9.3-2]
  }
  return writer.packet(FirstByte.suback)
}

const ALLOWED_BEFORE_5: ReadonlySet<ReasonCode> = new Set([
  ReasonCode.GrantedQos0,
  ReasonCode.GrantedQos1,
  ReasonCode.GrantedQos2,
  ReasonCode.UnspecifiedError,
])

const ALLOWED: ReadonlySet<ReasonCode> = new Set([
  ...ALLOWED_BEFORE_5,
  ReasonCode.ImplementationSpecificError,
  ReasonCode.NotAuthorized,
  ReasonCode.TopicFilterInvalid,
  ReasonCode.PacketIdentifierInUse,
  ReasonCode.QuotaExceeded,
  ReasonCode.SharedSubscriptionsNotSupported,
  ReasonCode.SubscriptionIdentifiersNotSupported,
  ReasonCode.WildcardSubscriptionsNotSupported,
])
