// The first byte and the length that every packet begins with.

import { MAX_VARINT, varintSize, writeVarint } from './bytes.ts'
import { MqttError } from './mqtt-error.ts'
import { PacketType, packetTypeName, versionName, type ProtocolVersion } from './protocol.ts'
import { ReasonCode } from './reason-codes.ts'

/** The first byte of every packet type whose flags are fixed. */
export const FirstByte = {
  connect: 0x10,
  connack: 0x20,
  publish: 0x30,
  puback: 0x40,
  pubrec: 0x50,
  pubrel: 0x62,
  pubcomp: 0x70,
  subscribe: 0x82,
  suback: 0x90,
  unsubscribe: 0xa2,
  unsuback: 0xb0,
  pingreq: 0xc0,
  pingresp: 0xd0,
  disconnect: 0xe0,
  auth: 0xf0,
} as const

/** The flags of PUBLISH in its first byte, beside the QoS in bits 1 and 2. */
export const PublishFlag = { retain: 0x01, dup: 0x08 } as const

/** The largest packet that MQTT knows, in bytes, its header included. */
export const LARGEST_PACKET = 5 + MAX_VARINT

/**
 * Bytes of a whole packet with a body of this length; more than `LARGEST_PACKET` if MQTT has no packet for
 * it.
 */
export function packetSize(bodyLength: number): number {
  return 1 + varintSize(bodyLength) + bodyLength
}

/**
 * Writes the first byte and the remaining length; returns the offset at which the body begins. Throws a
 * RangeError when MQTT has no packet for a body of this length: five bytes of length would be read as
 * something else.
 */
export function writeFixedHeader(target: Buffer, at: number, firstByte: number, bodyLength: number): number {
  if (bodyLength > MAX_VARINT)
    throw new RangeError(`A body of ${bodyLength} bytes does not fit MQTT's limit.`)
  target[at] = firstByte
  return writeVarint(target, at + 1, bodyLength)
}

/** Returns 1 for each first byte that the version allows. The parser looks here once per packet. */
export function allowedFirstBytes(version: ProtocolVersion): Uint8Array {
  return version === 5 ? ALLOWED_5 : version === 4 ? ALLOWED_4 : ALLOWED_3
}

/** Returns the error that says why a first byte is not allowed. // [v3 MQTT-2.2.2-2] */
export function firstByteError(version: ProtocolVersion, firstByte: number): MqttError {
  const type = firstByte >> 4
  const flags = (firstByte & 0x0f).toString(2).padStart(4, '0')
  const fault =
    type === 0 || (type === PacketType.auth && version < 5)
      ? `A packet of type ${type} came, which does not exist in ${versionName(version)}.`
      : type !== PacketType.publish
        ? `${packetTypeName(type)} came with the flags ${flags}, which ${versionName(version)} does not allow.`
        : (firstByte & 0x06) === 0x06
          ? 'PUBLISH came with QoS 3, which does not exist.'
          : 'PUBLISH came with DUP at QoS 0.'
  return new MqttError(ReasonCode.MalformedPacket, fault)
}

// [MQTT-3.6.1-1] [MQTT-3.8.1-1] [MQTT-3.10.1-1] [MQTT-3.14.1-1] [MQTT-3.15.1-1]
// [v3 MQTT-3.6.1-1] [v3 MQTT-3.8.1-1] [v3 MQTT-3.10.1-1] [v3 MQTT-3.14.1-1]
const FIXED: readonly number[] = Object.values(FirstByte)
const ALLOWED_5 = tableOf((firstByte) => isPublish(firstByte) || isFixed(firstByte))
const ALLOWED_4 = tableOf((firstByte) => isPublish(firstByte) || (isFixed(firstByte) && firstByte < 0xf0))
// MQTT 3.1 knows DUP on PUBREL, SUBSCRIBE and UNSUBSCRIBE, and leaves flags that it does not use to the
// sender.
const ALLOWED_3 = tableOf((firstByte) =>
  firstByte >> 4 === PacketType.publish ? isPublish(firstByte) : firstByte >= 0x10 && firstByte < 0xf0,
)

function tableOf(isAllowed: (firstByte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, firstByte) => Number(isAllowed(firstByte)))
}

function isFixed(firstByte: number): boolean {
  return firstByte !== FirstByte.publish && FIXED.includes(firstByte) // [MQTT-2.1.3-1] [v3 MQTT-2.2.2-1]
}

function isPublish(firstByte: number): boolean {
  if (firstByte >> 4 !== PacketType.publish) return false
  const qos = (firstByte >> 1) & 3
  const dup = (firstByte & PublishFlag.dup) !== 0
  // [MQTT-3.3.1-4] [v3 MQTT-3.3.1-4] no QoS 3; [MQTT-3.3.1-2] [v3 MQTT-3.3.1-2] no DUP at QoS 0
  return qos < 3 && !(dup && qos === 0)
}
