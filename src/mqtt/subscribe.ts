// SUBSCRIBE: topic filters with their options, from the client. Whether a filter is a good one is for
// `topics/` to say.

import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { FirstByte } from './fixed-header.ts'
import { readProperties, writeProperties, type PropertiesOf } from './properties.ts'
import type { ProtocolVersion, QoS } from './protocol.ts'

export interface SubscribePacket {
  readonly type: 'subscribe'
  readonly packetId: number
  readonly subscriptions: readonly Subscription[]
  readonly properties?: PropertiesOf<'subscribe'>
}

export interface Subscription {
  readonly filter: string
  readonly qos: QoS
  /** `true`: the hub does not send the client what it has published itself. */
  readonly noLocal: boolean
  /** Leave the retain flag as the publisher set it. */
  readonly retainAsPublished: boolean
  /** Retained messages are sent: 0 at each subscribe, 1 if the subscription is new, 2 never. */
  readonly retainHandling: 0 | 1 | 2
}

/**
 * A SUBSCRIBE whose subscriptions lie in its bytes, and are read from there each time that they are gone
 * through.
 */
export interface OpenSubscribe extends Omit<SubscribePacket, 'subscriptions'> {
  readonly subscriptions: Iterable<Subscription>
}

export function decodeSubscribe(
  version: ProtocolVersion,
  buffer: Buffer,
  start: number,
  end: number,
): SubscribePacket {
  const packet = openSubscribe(version, buffer, start, end)
  return { ...packet, subscriptions: [...packet.subscriptions] }
}

/**
 * Reads a SUBSCRIBE filter by filter, without making thousands of objects at once. The bytes must stay
 * unchanged meanwhile.
 */
export function openSubscribe(
  version: ProtocolVersion,
  buffer: Buffer,
  start: number,
  end: number,
): OpenSubscribe {
  const reader = new ByteReader(buffer, start, end, 'SUBSCRIBE')
  const packetId = reader.packetId()
  const properties = version === 5 ? readProperties(reader, 'subscribe') : undefined
  // [MQTT-3.8.3-2] [v3 MQTT-3.8.3-3]
  if (reader.left === 0) throw reader.protocolError('it holds no topic filter')
  const first = end - reader.left
  const subscriptions = {
    *[Symbol.iterator](): Generator<Subscription> {
      const from = new ByteReader(buffer, first, end, 'SUBSCRIBE')
      while (from.left > 0) yield readSubscription(from, version)
    },
  }
  return { type: 'subscribe', packetId, subscriptions, properties }
}

export function encodeSubscribe(packet: SubscribePacket, version: ProtocolVersion): Buffer {
  const writer = new ByteWriter()
  writer.u16(packet.packetId)
  if (version === 5) writeProperties(writer, packet.properties)
  for (const { filter, qos, noLocal, retainAsPublished, retainHandling } of packet.subscriptions) {
    writer.text(filter)
    writer.u8(
      version === 5
        ? qos |
            (noLocal ? NO_LOCAL : 0) |
            (retainAsPublished ? RETAIN_AS_PUBLISHED : 0) |
            (retainHandling << 4)
        : qos,
    )
  }
  return writer.packet(FirstByte.subscribe)
}

const NO_LOCAL = 0x04
const RETAIN_AS_PUBLISHED = 0x08

/** The bits that must be zero; 3.1 does not use them and does not ask. */
const RESERVED = { 3: 0, 4: 0xfc, 5: 0xc0 } as const

function readSubscription(reader: ByteReader, version: ProtocolVersion): Subscription {
  const filter = reader.text('a topic filter') // [MQTT-3.8.3-1] [v3 MQTT-3.8.3-1]
  const options = reader.u8('the subscription options')
  if ((options & RESERVED[version]) !== 0) {
    // [MQTT-3.8.3-5] [v3 MQTT-3.8.3-4]
    throw reader.malformed('a reserved bit of the subscription options is set')
  }
  const qos = options & 3
  if (qos === 3) {
    const fault = 'a subscription asks for QoS 3'
    throw version === 5 ? reader.protocolError(fault) : reader.malformed(fault) // section 3.8.3.1, [v3 MQTT-3.8.3-4]
  }
  if (version < 5) {
    return { filter, qos: qos as QoS, noLocal: false, retainAsPublished: false, retainHandling: 0 }
  }
  const noLocal = (options & NO_LOCAL) !== 0
  if (noLocal && filter.startsWith('$share/')) {
    throw reader.protocolError('a shared subscription asks for No Local') // [MQTT-3.8.3-4]
  }
  const retainHandling = (options >> 4) & 3
  if (retainHandling === 3) throw reader.protocolError('the retain handling is 3') // section 3.8.3.1
  return {
    filter,
    qos: qos as QoS,
    noLocal,
    retainAsPublished: (options & RETAIN_AS_PUBLISHED) !== 0,
    retainHandling: retainHandling as 0 | 1 | 2,
  }
}
