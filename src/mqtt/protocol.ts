// The few words that every packet shares: versions, quality of service, and the numbers of the fifteen packet
// types.

/** The protocol level of CONNECT: 3 is MQTT 3.1 (`MQIsdp`), 4 is 3.1.1, 5 is 5.0. */
export type ProtocolVersion = 3 | 4 | 5

export type QoS = 0 | 1 | 2

/** A packet's type: the upper four bits of its first byte. Zero is reserved. */
export const PacketType = {
  connect: 1,
  connack: 2,
  publish: 3,
  puback: 4,
  pubrec: 5,
  pubrel: 6,
  pubcomp: 7,
  subscribe: 8,
  suback: 9,
  unsubscribe: 10,
  unsuback: 11,
  pingreq: 12,
  pingresp: 13,
  disconnect: 14,
  auth: 15,
} as const

export type PacketType = (typeof PacketType)[keyof typeof PacketType]

const NAMES = ['type 0', ...Object.keys(PacketType).map((name) => name.toUpperCase())]

/** Returns the name of a packet type for messages to people: `SUBSCRIBE`. */
export function packetTypeName(type: number): string {
  return NAMES[type] ?? `type ${type}`
}

/** Returns the name of a version for messages to people: `MQTT 3.1.1`. */
export function versionName(version: ProtocolVersion): string {
  return version === 5 ? 'MQTT 5.0' : version === 4 ? 'MQTT 3.1.1' : 'MQTT 3.1'
}
