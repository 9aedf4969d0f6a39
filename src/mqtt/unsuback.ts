// UNSUBACK: the server's answer to UNSUBSCRIBE; in 5.0 one reason code for each filter, in its order, before
// that none.

import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { FirstByte } from './fixed-header.ts'
import { readProperties, writeProperties, type PropertiesOf } from './properties.ts'
import type { ProtocolVersion } from './protocol.ts'
import { ReasonCode } from './reason-codes.ts'

export interface UnsubackPacket {
  readonly type: 'unsuback'
  readonly packetId: number
  /** Empty before 5.0. */
  readonly reasonCodes: readonly ReasonCode[]
  readonly properties?: PropertiesOf<'unsuback'>
}

export function decodeUnsuback(
  version: ProtocolVersion,
  buffer: Buffer,
  start: number,
  end: number,
): UnsubackPacket {
  const reader = new ByteReader(buffer, start, end, 'UNSUBACK')
  const packetId = reader.packetId()
  const reasonCodes: ReasonCode[] = []
  if (version < 5) {
    reader.end()
    return { type: 'unsuback', packetId, reasonCodes }
  }
  const properties = readProperties(reader, 'unsuback')
  if (reader.left === 0) throw reader.protocolError('it holds no reason code')
  while (reader.left > 0) reasonCodes.push(reader.reasonCode(ALLOWED)) // [MQTT-3.11.3-2]
  return { type: 'unsuback', packetId, reasonCodes, properties }
}

export function encodeUnsuback(packet: UnsubackPacket, version: ProtocolVersion): Buffer {
  const writer = new ByteWriter()
  writer.u16(packet.packetId)
  if (version === 5) {
    writeProperties(writer, packet.properties)
    for (const code of packet.reasonCodes) writer.u8(code)
  }
  return writer.packet(FirstByte.unsuback)
}

const ALLOWED: ReadonlySet<ReasonCode> = new Set([
  ReasonCode.Success,
  ReasonCode.NoSubscriptionExisted,
  ReasonCode.UnspecifiedError,
  ReasonCode.ImplementationSpecificError,
  ReasonCode.NotAuthorized,
  ReasonCode.TopicFilterInvalid,
  ReasonCode.PacketIdentifierInUse,
])
