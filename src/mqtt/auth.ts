// AUTH: one step of an enhanced authentication, in either direction; 5.0 only (the parser refuses it before).

import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { FirstByte } from './fixed-header.ts'
import { hasProperties, readProperties, writeProperties, type PropertiesOf } from './properties.ts'
import { ReasonCode } from './reason-codes.ts'

export interface AuthPacket {
  readonly type: 'auth'
  readonly reasonCode: ReasonCode
  /**
   * Section 3.15.2.2.2 demands a method, section 3.15.2.1 allows to leave all out: the handler compares it
   * with CONNECT's.
   */
  readonly properties?: PropertiesOf<'auth'>
}

export function decodeAuth(buffer: Buffer, start: number, end: number): AuthPacket {
  const reader = new ByteReader(buffer, start, end, 'AUTH')
  if (reader.left === 0) return { type: 'auth', reasonCode: ReasonCode.Success }
  const reasonCode = reader.reasonCode(ALLOWED) // [MQTT-3.15.2-1]
  const properties = readProperties(reader, 'auth')
  reader.end()
  return { type: 'auth', reasonCode, properties }
}

export function encodeAuth(packet: AuthPacket): Buffer {
  const writer = new ByteWriter()
  if (packet.reasonCode !== ReasonCode.Success || hasProperties(packet.properties)) {
    writer.u8(packet.reasonCode)
    writeProperties(writer, packet.properties)
  }
  return writer.packet(FirstByte.auth)
}

const ALLOWED: ReadonlySet<ReasonCode> = new Set([
  ReasonCode.Success,
  ReasonCode.ContinueAuthentication,
  ReasonCode.ReAuthenticate,
])
