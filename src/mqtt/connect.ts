// CONNECT: the first packet of a connection, from the client.

import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { FirstByte } from './fixed-header.ts'
import { MqttError } from './mqtt-error.ts'
import { readProperties, writeProperties, type PropertiesOf } from './properties.ts'
import type { ProtocolVersion, QoS } from './protocol.ts'
import { ReasonCode } from './reason-codes.ts'

export interface ConnectPacket {
  readonly type: 'connect'
  readonly version: ProtocolVersion
  /** The highest bit of the level: Mosquitto's bridges set it to say that they are one. */
  readonly bridge: boolean
  /** Clean Session in 3.1 and 3.1.1, Clean Start in 5.0. */
  readonly clean: boolean
  /** The keep-alive in seconds; 0 turns it off. */
  readonly keepAlive: number
  readonly clientId: string
  readonly will?: Will
  readonly username?: string
  readonly password?: Buffer
  readonly properties?: PropertiesOf<'connect'>
}

export interface Will {
  readonly topic: string
  readonly payload: Buffer
  readonly qos: QoS
  readonly retain: boolean
  readonly properties?: PropertiesOf<'will'>
}

const BRIDGE = 0x80

const Flag = {
  reserved: 0x01,
  clean: 0x02,
  will: 0x04,
  willQos: 0x18,
  willRetain: 0x20,
  password: 0x40,
  username: 0x80,
} as const

/**
 * Reads a CONNECT. If the version is none of ours, the error's reason is UnsupportedProtocolVersion; for any
 * other error `connectVersion` says which CONNACK the client understands.
 */
export function decodeConnect(buffer: Buffer, start: number, end: number): ConnectPacket {
  const reader = new ByteReader(buffer, start, end, 'CONNECT')
  const protocolName = reader.text('the protocol name')
  const level = reader.u8('the protocol level')
  const version = versionOf(protocolName, level)
  if (version === undefined) {
    // [MQTT-3.1.2-1] [MQTT-3.1.2-2] [v3 MQTT-3.1.2-1] [v3 MQTT-3.1.2-2]
    throw new MqttError(
      ReasonCode.UnsupportedProtocolVersion,
      `CONNECT: the protocol ${JSON.stringify(protocolName)} of level ${level} is not one that is spoken here.`,
    )
  }
  const flags = reader.u8('the connect flags')
  checkFlags(reader, flags, version)
  const has = (flag: number): boolean => (flags & flag) !== 0

  const keepAlive = reader.u16('the keep alive')
  const properties = version === 5 ? readProperties(reader, 'connect') : undefined
  if (properties?.authenticationData !== undefined && properties.authenticationMethod === undefined) {
    throw reader.protocolError('there is authentication data without an authentication method') // section 3.1.2.11.10
  }
  // [MQTT-3.1.3-3] [MQTT-3.1.3-4] [v3 MQTT-3.1.3-3] [v3 MQTT-3.1.3-4]
  const clientId = reader.text('the client identifier')
  checkClientId(clientId, has(Flag.clean), version)
  // [MQTT-3.1.2-9] [v3 MQTT-3.1.2-9]
  const will = has(Flag.will) ? readWill(reader, flags, version) : undefined
  // MQTT 3.1 lets the remaining length win over the flags: a user name may be announced and not come.
  const mayEnd = version === 3
  // [MQTT-3.1.2-16] [MQTT-3.1.2-17] [MQTT-3.1.3-12] [v3 MQTT-3.1.2-18] [v3 MQTT-3.1.2-19] [v3 MQTT-3.1.3-11]
  const username =
    has(Flag.username) && !(mayEnd && reader.left === 0) ? reader.text('the user name') : undefined
  // [MQTT-3.1.2-18] [MQTT-3.1.2-19] [v3 MQTT-3.1.2-20] [v3 MQTT-3.1.2-21]
  const password =
    has(Flag.password) && !(mayEnd && reader.left === 0) ? reader.binary('the password') : undefined
  reader.end() // [MQTT-3.1.3-1] [v3 MQTT-3.1.3-1]

  return {
    type: 'connect',
    version,
    bridge: level >= BRIDGE,
    clean: has(Flag.clean),
    keepAlive,
    clientId,
    will,
    username,
    password,
    properties,
  }
}

/**
 * The version that a CONNECT asks for, if it is one of ours: what to answer a packet in that has another
 * fault.
 */
export function connectVersion(buffer: Buffer, start: number, end: number): ProtocolVersion | undefined {
  try {
    const reader = new ByteReader(buffer, start, end, 'CONNECT')
    return versionOf(reader.text('the protocol name'), reader.u8('the protocol level'))
  } catch (error) {
    if (error instanceof MqttError) return undefined
    throw error
  }
}

export function encodeConnect(packet: ConnectPacket): Buffer {
  const { version, will, username, password } = packet
  const writer = new ByteWriter()
  writer.text(version === 3 ? 'MQIsdp' : 'MQTT')
  writer.u8(packet.bridge ? version | BRIDGE : version)
  writer.u8(
    (packet.clean ? Flag.clean : 0) |
      (will === undefined ? 0 : Flag.will | (will.qos << 3) | (will.retain ? Flag.willRetain : 0)) |
      (username === undefined ? 0 : Flag.username) |
      (password === undefined ? 0 : Flag.password),
  )
  writer.u16(packet.keepAlive)
  if (version === 5) writeProperties(writer, packet.properties)
  writer.text(packet.clientId)
  if (will !== undefined) {
    if (version === 5) writeProperties(writer, will.properties)
    writer.text(will.topic)
    writer.binary(will.payload)
  }
  if (username !== undefined) writer.text(username)
  if (password !== undefined) writer.binary(password)
  return writer.packet(FirstByte.connect)
}

function versionOf(protocolName: string, level: number): ProtocolVersion | undefined {
  const version = level & ~BRIDGE
  if (protocolName === 'MQIsdp') return version === 3 ? 3 : undefined
  if (protocolName === 'MQTT') return version === 4 || version === 5 ? version : undefined
  return undefined
}

function checkFlags(reader: ByteReader, flags: number, version: ProtocolVersion): void {
  if (version > 3 && (flags & Flag.reserved) !== 0) {
    throw reader.malformed('the reserved connect flag is set') // [MQTT-3.1.2-3] [v3 MQTT-3.1.2-3]
  }
  const willQos = (flags & Flag.willQos) >> 3
  if ((flags & Flag.will) === 0) {
    // [v3 MQTT-3.1.2-11]
    if (willQos !== 0) {
      throw reader.malformed('there is a will QoS without a will') // [MQTT-3.1.2-11] [v3 MQTT-3.1.2-13]
    }
    if ((flags & Flag.willRetain) !== 0) {
      // [MQTT-3.1.2-13] [v3 MQTT-3.1.2-15]
      throw reader.malformed('there is a will retain flag without a will')
    }
  }
  if (willQos === 3) throw reader.malformed('the will QoS is 3') // [MQTT-3.1.2-12] [v3 MQTT-3.1.2-14]
  if (version < 5 && (flags & Flag.password) !== 0 && (flags & Flag.username) === 0) {
    throw reader.malformed('there is a password without a user name') // [v3 MQTT-3.1.2-22]
  }
}

function checkClientId(clientId: string, clean: boolean, version: ProtocolVersion): void {
  if (clientId !== '' || version === 5) return
  if (version === 4 && clean) return
  // [v3 MQTT-3.1.3-7] [v3 MQTT-3.1.3-8]; MQTT 3.1 asks for 1 to 23 characters, and longer ones do no harm
  throw new MqttError(
    ReasonCode.ClientIdentifierNotValid,
    version === 3
      ? 'CONNECT: the client identifier is empty, which MQTT 3.1 does not allow.'
      : 'CONNECT: the client identifier is empty although the client asks for a session that is kept.',
  )
}

function readWill(reader: ByteReader, flags: number, version: ProtocolVersion): Will {
  const properties = version === 5 ? readProperties(reader, 'will') : undefined
  const topic = reader.topicName('the will topic') // [MQTT-3.1.3-11] [v3 MQTT-3.1.3-10]
  const payload = reader.binary('the will payload')
  return {
    topic,
    payload,
    qos: ((flags & Flag.willQos) >> 3) as QoS,
    retain: (flags & Flag.willRetain) !== 0,
    properties,
  }
}
