// All fifteen packet types under one name, as objects, for load generators, bridges and tests. The broker
// calls each packet's own functions, which are faster.

import { decodeAck, encodeAck, type AckPacket } from './acks.ts'
import { decodeAuth, encodeAuth, type AuthPacket } from './auth.ts'
import { decodeConnack, encodeConnack, type ConnackPacket } from './connack.ts'
import { decodeConnect, encodeConnect, type ConnectPacket } from './connect.ts'
import { decodeDisconnect, encodeDisconnect, type DisconnectPacket } from './disconnect.ts'
import { MqttError } from './mqtt-error.ts'
import { decodePingreq, encodePingreq, type PingreqPacket } from './pingreq.ts'
import { decodePingresp, encodePingresp, type PingrespPacket } from './pingresp.ts'
import { PacketType, type ProtocolVersion } from './protocol.ts'
import { decodePublish, encodePublish, type PublishPacket } from './publish.ts'
import { ReasonCode } from './reason-codes.ts'
import { decodeSuback, encodeSuback, type SubackPacket } from './suback.ts'
import { decodeSubscribe, encodeSubscribe, type SubscribePacket } from './subscribe.ts'
import { decodeUnsuback, encodeUnsuback, type UnsubackPacket } from './unsuback.ts'
import { decodeUnsubscribe, encodeUnsubscribe, type UnsubscribePacket } from './unsubscribe.ts'

export type Packet =
  | ConnectPacket
  | ConnackPacket
  | PublishPacket
  | AckPacket
  | SubscribePacket
  | SubackPacket
  | UnsubscribePacket
  | UnsubackPacket
  | PingreqPacket
  | PingrespPacket
  | DisconnectPacket
  | AuthPacket

/** Decodes what the parser's sink was given. A CONNECT brings its own version, whatever is passed. */
export function decodePacket(
  version: ProtocolVersion,
  firstByte: number,
  buffer: Buffer,
  start: number,
  end: number,
): Packet {
  const type = firstByte >> 4
  switch (type) {
    case PacketType.connect:
      return decodeConnect(buffer, start, end)
    case PacketType.connack:
      return decodeConnack(version, buffer, start, end)
    case PacketType.publish:
      return decodePublish(version, firstByte, buffer, start, end)
    case PacketType.puback:
    case PacketType.pubrec:
    case PacketType.pubrel:
    case PacketType.pubcomp:
      return decodeAck(version, firstByte, buffer, start, end)
    case PacketType.subscribe:
      return decodeSubscribe(version, buffer, start, end)
    case PacketType.suback:
      return decodeSuback(version, buffer, start, end)
    case PacketType.unsubscribe:
      return decodeUnsubscribe(version, buffer, start, end)
    case PacketType.unsuback:
      return decodeUnsuback(version, buffer, start, end)
    case PacketType.pingreq:
      return decodePingreq(buffer, start, end)
    case PacketType.pingresp:
      return decodePingresp(buffer, start, end)
    case PacketType.disconnect:
      return decodeDisconnect(version, buffer, start, end)
    case PacketType.auth:
      return decodeAuth(buffer, start, end)
    default:
      throw new MqttError(ReasonCode.MalformedPacket, `There is no packet of type ${type}.`)
  }
}

export function encodePacket(packet: Packet, version: ProtocolVersion): Buffer {
  switch (packet.type) {
    case 'connect':
      return encodeConnect(packet)
    case 'connack':
      return encodeConnack(packet, version)
    case 'publish':
      return encodePublish(packet, version)
    case 'puback':
    case 'pubrec':
    case 'pubrel':
    case 'pubcomp':
      return encodeAck(packet, version)
    case 'subscribe':
      return encodeSubscribe(packet, version)
    case 'suback':
      return encodeSuback(packet, version)
    case 'unsubscribe':
      return encodeUnsubscribe(packet, version)
    case 'unsuback':
      return encodeUnsuback(packet, version)
    case 'pingreq':
      return encodePingreq()
    case 'pingresp':
      return encodePingresp()
    case 'disconnect':
      return encodeDisconnect(packet, version)
    case 'auth':
      return encodeAuth(packet)
    default:
      return packet satisfies never
  }
}
