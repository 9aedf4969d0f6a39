// UNSUBSCRIBE: topic filters that the client no longer wants.

import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { FirstByte } from './fixed-header.ts'
import { readProperties, writeProperties, type PropertiesOf } from './properties.ts'
import type { ProtocolVersion } from './protocol.ts'

export interface UnsubscribePacket {
  readonly type: 'unsubscribe'
  readonly packetId: number
  readonly filters: readonly string[]
  readonly properties?: PropertiesOf<'unsubscribe'>
}

/**
 * An UNSUBSCRIBE whose filters lie in its bytes, and are read from there each time that they are gone
 * through.
 */
export interface OpenUnsubscribe extends Omit<UnsubscribePacket, 'filters'> {
  readonly filters: Iterable<string>
}

export function decodeUnsubscribe(
  version: ProtocolVersion,
  buffer: Buffer,
  start: number,
  end: number,
): UnsubscribePacket {
  const packet = openUnsubscribe(version, buffer, start, end)
  return { ...packet, filters: [...packet.filters] }
}

/**
 * Reads an UNSUBSCRIBE filter by filter, without making thousands of strings at once. The bytes must stay
 * unchanged meanwhile.
 */
export function openUnsubscribe(
  version: ProtocolVersion,
  buffer: Buffer,
  start: number,
  end: number,
): OpenUnsubscribe {
  const reader = new ByteReader(buffer, start, end, 'UNSUBSCRIBE')
  const packetId = reader.packetId()
  const properties = version === 5 ? readProperties(reader, 'unsubscribe') : undefined
  // [MQTT-3.10.3-2] [v3 MQTT-3.10.3-2]
  if (reader.left === 0) throw reader.protocolError('it holds no topic filter')
  const first = end - reader.left
  const filters = {
    *[Symbol.iterator](): Generator<string> {
      const from = new ByteReader(buffer, first, end, 'UNSUBSCRIBE')
      while (from.left > 0) yield from.text('a topic filter') // [MQTT-3.10.3-1] [v3 MQTT-3.10.3-1]
    },
  }
  return { type: 'unsubscribe', packetId, filters, properties }
}

export function encodeUnsubscribe(packet: UnsubscribePacket, version: ProtocolVersion): Buffer {
  const writer = new ByteWriter()
  writer.u16(packet.packetId)
  if (version === 5) writeProperties(writer, packet.properties)
  for (const filter of packet.filters) writer.text(filter)
  return writer.packet(FirstByte.unsubscribe)
}
