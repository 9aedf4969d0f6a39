// CONNACK: the server's answer to CONNECT. Our code speaks in reason codes of 5.0; 3.1 and 3.1.1 have six
// return codes.

import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { FirstByte } from './fixed-header.ts'
import { readProperties, writeProperties, type PropertiesOf } from './properties.ts'
import type { ProtocolVersion } from './protocol.ts'
import { ReasonCode } from './reason-codes.ts'

export interface ConnackPacket {
  readonly type: 'connack'
  readonly sessionPresent: boolean
  readonly reasonCode: ReasonCode
  readonly properties?: PropertiesOf<'connack'>
}

export function decodeConnack(
  version: ProtocolVersion,
  buffer: Buffer,
  start: number,
  end: number,
): ConnackPacket {
  const reader = new ByteReader(buffer, start, end, 'CONNACK')
  const flags = reader.u8('the acknowledge flags')
  // [MQTT-3.2.2-1]; 3.1 has no such flags
  if (version > 3 && flags > 1) throw reader.malformed('a reserved acknowledge flag is set')
  const reasonCode = version === 5 ? reader.reasonCode(ALLOWED) : readReturnCode(reader) // [MQTT-3.2.2-8]
  const properties = version === 5 ? readProperties(reader, 'connack') : undefined
  reader.end()
  return { type: 'connack', sessionPresent: version > 3 && flags === 1, reasonCode, properties }
}

/**
 * Encodes a CONNACK. For 3.1 and 3.1.1 the reason must have a return code: ask `connackReturnCode` first, and
 * close the connection without an answer if it has none.
 */
export function encodeConnack(packet: ConnackPacket, version: ProtocolVersion): Buffer {
  const code = version === 5 ? packet.reasonCode : connackReturnCode(packet.reasonCode)
  if (code === undefined) {
    throw new RangeError(`The reason 0x${packet.reasonCode.toString(16)} has no return code before MQTT 5.0.`)
  }
  const writer = new ByteWriter()
  // 3.1 reserves the byte that later tells whether a session was there.
  writer.u8(packet.sessionPresent && version > 3 ? 1 : 0)
  writer.u8(code) // [MQTT-3.2.2-8]
  if (version === 5) writeProperties(writer, packet.properties)
  return writer.packet(FirstByte.connack)
}

/**
 * Returns the return code of 3.1 and 3.1.1 for a reason; undefined if there is none, and then no CONNACK is
 * sent. [v3 MQTT-3.2.2-6]
 */
export function connackReturnCode(reason: ReasonCode): number | undefined {
  return RETURN_CODES.get(reason)
}

function readReturnCode(reader: ByteReader): ReasonCode {
  const code = reader.u8('the return code')
  const reasonCode = REASON_OF_RETURN_CODE[code]
  if (reasonCode === undefined) throw reader.protocolError(`the return code ${code} does not exist`)
  return reasonCode
}

const REASON_OF_RETURN_CODE: readonly ReasonCode[] = [
  ReasonCode.Success,
  ReasonCode.UnsupportedProtocolVersion,
  ReasonCode.ClientIdentifierNotValid,
  ReasonCode.ServerUnavailable,
  ReasonCode.BadUserNameOrPassword,
  ReasonCode.NotAuthorized,
]

const RETURN_CODES: ReadonlyMap<ReasonCode, number> = new Map<ReasonCode, number>([
  ...REASON_OF_RETURN_CODE.map((reason, code) => [reason, code] as const),
  [ReasonCode.ServerBusy, 3],
  [ReasonCode.ServerShuttingDown, 3],
  [ReasonCode.QuotaExceeded, 3],
  [ReasonCode.ConnectionRateExceeded, 3],
  [ReasonCode.UseAnotherServer, 3],
  [ReasonCode.ServerMoved, 3],
  [ReasonCode.Banned, 5],
])

const ALLOWED: ReadonlySet<ReasonCode> = new Set([
  ReasonCode.Success,
  ReasonCode.UnspecifiedError,
  ReasonCode.MalformedPacket,
  ReasonCode.ProtocolError,
  ReasonCode.ImplementationSpecificError,
  ReasonCode.UnsupportedProtocolVersion,
  ReasonCode.ClientIdentifierNotValid,
  ReasonCode.BadUserNameOrPassword,
  ReasonCode.NotAuthorized,
  ReasonCode.ServerUnavailable,
  ReasonCode.ServerBusy,
  ReasonCode.Banned,
  ReasonCode.BadAuthenticationMethod,
  ReasonCode.TopicNameInvalid,
  ReasonCode.PacketTooLarge,
  ReasonCode.QuotaExceeded,
  ReasonCode.PayloadFormatInvalid,
  ReasonCode.RetainNotSupported,
  ReasonCode.QosNotSupported,
  ReasonCode.UseAnotherServer,
  ReasonCode.ServerMoved,
  ReasonCode.ConnectionRateExceeded,
])
