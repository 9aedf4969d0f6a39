// Byte tables: each row a packet as it stands on the wire, with spaces at the borders of its fields and text in quotes.

import { describe, expect, test } from 'vitest'

import { MqttError } from '../../src/mqtt/mqtt-error.ts'
import { decodePacket, encodePacket, type Packet } from '../../src/mqtt/packet.ts'
import { PacketParser } from '../../src/mqtt/parser.ts'
import type { ProtocolVersion } from '../../src/mqtt/protocol.ts'
import { reasonName, type ReasonCode } from '../../src/mqtt/reason-codes.ts'

/** Both ways: these bytes mean this packet, and this packet is written as these bytes. */
type Exact = readonly [name: string, version: ProtocolVersion, wire: string, packet: Packet]

/** One way: these bytes mean this packet, though we write it in another form. */
type Accepted = Exact

type Refused = readonly [name: string, version: ProtocolVersion, wire: string, reason: ReasonCode]

export interface ByteTables {
  readonly exact: readonly Exact[]
  readonly accepted?: readonly Accepted[]
  readonly refused: readonly Refused[]
}

export function holdToTables({ exact, accepted = [], refused }: ByteTables): void {
  describe('reads and writes', () => {
    test.each(exact)('%s (level %i)', (_, version, wire, packet) => {
      expect(decodeAll(version, fromWire(wire))).toEqual([packet])
      expect(encodePacket(packet, version).toString('hex')).toBe(fromWire(wire).toString('hex'))
    })
    test.each(accepted)('%s, though we write it in another form (level %i)', (_, version, wire, packet) => {
      expect(decodeAll(version, fromWire(wire))).toEqual([packet])
    })
  })
  describe('refuses', () => {
    test.each(refused)('%s (level %i)', (_, version, wire, reason) => {
      const packet = fromWire(wire)
      // The row is about its fault alone: the length in its header is right.
      expect(packet[1]).toBe(packet.length - 2)
      expect(reasonName(refusalOf(() => decodeAll(version, packet))?.reason ?? -1)).toBe(reasonName(reason))
    })
  })
}

/** `30 07 0003 'a/b' 6869` as bytes. */
export function fromWire(wire: string): Buffer {
  const parts = wire.match(/'[^']*'|[\da-f]+/g) ?? []
  return Buffer.concat(
    parts.map((part) => (part.startsWith("'") ? Buffer.from(part.slice(1, -1)) : Buffer.from(part, 'hex'))),
  )
}

export function decodeAll(version: ProtocolVersion, wire: Buffer): Packet[] {
  const packets: Packet[] = []
  const parser = new PacketParser(
    {
      take: (firstByte, buffer, start, end) =>
        packets.push(decodePacket(version, firstByte, buffer, start, end)) > 0,
    },
    { maximumPacketSize: 268_435_460, version },
  )
  expect(parser.push(wire)).toBe(wire.length)
  expect(parser.isInsidePacket).toBe(false)
  return packets
}

/** The MqttError that `run` throws, if it does; any other error passes through. */
export function refusalOf(run: () => unknown): MqttError | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    if (error instanceof MqttError) return error
    throw error
  }
}
