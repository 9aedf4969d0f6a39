// PUBACK, PUBREC, PUBREL and PUBCOMP in one file, because they are one shape: a packet identifier, and in 5.0
// a reason and properties that may be left out from the end. They differ in the first byte and in the reasons
// that they may give.

import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { writeU16 } from './bytes.ts'
import { FirstByte } from './fixed-header.ts'
import { MqttError } from './mqtt-error.ts'
import { hasProperties, readProperties, writeProperties, type PropertiesOf } from './properties.ts'
import { PacketType, packetTypeName, type ProtocolVersion } from './protocol.ts'
import { ReasonCode } from './reason-codes.ts'

type AckType = 'puback' | 'pubrec' | 'pubrel' | 'pubcomp'

export interface AckPacket {
  readonly type: AckType
  readonly packetId: number
  readonly reasonCode: ReasonCode
  readonly properties?: PropertiesOf<'puback'>
}

/** The acknowledgement that was read last. Each `readAck` fills it anew. */
export interface AckView {
  packetId: number
  reasonCode: ReasonCode
  properties: PropertiesOf<'puback'> | undefined
}

/** Bytes of an acknowledgement that says success. */
export const ACK_SIZE = 4

/** Bytes of one with a reason, without properties. */
export const ACK_WITH_REASON_SIZE = 5

export function createAckView(): AckView {
  return { packetId: 0, reasonCode: ReasonCode.Success, properties: undefined }
}

/** Reads any of the four, told apart by the first byte. The common body of two bytes allocates nothing. */
export function readAck(
  view: AckView,
  version: ProtocolVersion,
  firstByte: number,
  buffer: Buffer,
  start: number,
  end: number,
): void {
  if (end - start !== 2) return readLongAck(view, version, firstByte, buffer, start, end)
  const packetId = (buffer[start]! << 8) | buffer[start + 1]!
  if (packetId === 0) throw zeroPacketId(firstByte)
  view.packetId = packetId
  view.reasonCode = ReasonCode.Success
  view.properties = undefined
}

export function decodeAck(
  version: ProtocolVersion,
  firstByte: number,
  buffer: Buffer,
  start: number,
  end: number,
): AckPacket {
  const view = createAckView()
  readAck(view, version, firstByte, buffer, start, end)
  return { type: typeOf(firstByte), ...view }
}

/** Writes an acknowledgement that says success; four bytes. `FirstByte.puback` and its like say which. */
export function writeAck(target: Buffer, at: number, firstByte: number, packetId: number): number {
  target[at] = firstByte
  target[at + 1] = 2
  return writeU16(target, at + 2, packetId)
}

/**
 * Writes an acknowledgement of 5.0 with a reason; five bytes.
 * [MQTT-3.4.2-2] [MQTT-3.4.2-3] [MQTT-3.5.2-2] [MQTT-3.5.2-3] [MQTT-3.6.2-2] [MQTT-3.6.2-3]
 * [MQTT-3.7.2-2] [MQTT-3.7.2-3]
 */
export function writeAckWithReason(
  target: Buffer,
  at: number,
  firstByte: number,
  packetId: number,
  reasonCode: ReasonCode,
): number {
  target[at] = firstByte
  target[at + 1] = 3
  target[writeU16(target, at + 2, packetId)] = reasonCode
  return at + ACK_WITH_REASON_SIZE
}

/** Encodes an acknowledgement. Before 5.0 there is no reason code: only the packet identifier is written. */
export function encodeAck(packet: AckPacket, version: ProtocolVersion): Buffer {
  const writer = new ByteWriter()
  writer.u16(packet.packetId)
  if (version === 5) {
    const withProperties = hasProperties(packet.properties)
    if (withProperties || packet.reasonCode !== ReasonCode.Success) writer.u8(packet.reasonCode)
    if (withProperties) writeProperties(writer, packet.properties)
  }
  return writer.packet(FirstByte[packet.type])
}

function readLongAck(
  view: AckView,
  version: ProtocolVersion,
  firstByte: number,
  buffer: Buffer,
  start: number,
  end: number,
): void {
  const type = firstByte >> 4
  const reader = new ByteReader(buffer, start, end, packetTypeName(type))
  view.packetId = reader.packetId()
  view.reasonCode = ReasonCode.Success
  view.properties = undefined
  if (version === 5) {
    // [MQTT-3.4.2-1] [MQTT-3.5.2-1] [MQTT-3.6.2-1] [MQTT-3.7.2-1]
    view.reasonCode = reader.reasonCode(type < PacketType.pubrel ? ALLOWED_AT_FIRST : ALLOWED_AFTER)
    if (reader.left > 0) view.properties = readProperties(reader, 'puback')
  }
  reader.end()
}

function typeOf(firstByte: number): AckType {
  return TYPES[(firstByte >> 4) - PacketType.puback]!
}

function zeroPacketId(firstByte: number): MqttError {
  const name = packetTypeName(firstByte >> 4)
  return new MqttError(ReasonCode.ProtocolError, `${name}: the packet identifier is 0.`) // [MQTT-2.2.1-3]
}

const TYPES: readonly AckType[] = ['puback', 'pubrec', 'pubrel', 'pubcomp']

/** Reason codes that PUBACK and PUBREC may carry. */
const ALLOWED_AT_FIRST: ReadonlySet<ReasonCode> = new Set([
  ReasonCode.Success,
  ReasonCode.NoMatchingSubscribers,
  ReasonCode.UnspecifiedError,
  ReasonCode.ImplementationSpecificError,
  ReasonCode.NotAuthorized,
  ReasonCode.TopicNameInvalid,
  ReasonCode.PacketIdentifierInUse,
  ReasonCode.QuotaExceeded,
  ReasonCode.PayloadFormatInvalid,
])

/** Reason codes that PUBREL and PUBCOMP may carry. */
const ALLOWED_AFTER: ReadonlySet<ReasonCode> = new Set([
  ReasonCode.Success,
  ReasonCode.PacketIdentifierNotFound,
])
