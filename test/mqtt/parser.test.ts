import * as fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'

import { encodePacket } from '../../src/mqtt/packet.ts'
import { PacketParser } from '../../src/mqtt/parser.ts'
import type { ProtocolVersion } from '../../src/mqtt/protocol.ts'
import { ReasonCode } from '../../src/mqtt/reason-codes.ts'
import { anyPacket, anyVersion } from './arbitraries.ts'
import { fromWire, refusalOf } from './byte-tables.ts'

const LIMIT = 268_435_460

/** A frame as text: first byte and body. */
function collector(options: { limit?: number; version?: ProtocolVersion } = {}): {
  readonly parser: PacketParser
  readonly frames: string[]
} {
  const frames: string[] = []
  const parser = new PacketParser(
    {
      take: (firstByte, buffer, start, end) =>
        frames.push(`${firstByte.toString(16)} ${buffer.toString('hex', start, end)}`) > 0,
    },
    { maximumPacketSize: options.limit ?? LIMIT, version: options.version ?? 5 },
  )
  return { parser, frames }
}

describe('the parser', () => {
  test('yields the same packets however the stream is cut', () => {
    const streams = anyVersion.chain((version) =>
      fc.record({
        version: fc.constant(version),
        wires: fc.array(
          anyPacket(version).map((packet) => encodePacket(packet, version)),
          { maxLength: 6 },
        ),
        cuts: fc.array(fc.nat(), { maxLength: 12 }),
      }),
    )
    fc.assert(
      fc.property(streams, ({ version, wires, cuts }) => {
        const stream = Buffer.concat(wires)
        const whole = collector({ version })
        whole.parser.push(stream)
        expect(whole.frames).toHaveLength(wires.length)

        const pieces = collector({ version })
        const borders = [0, ...cuts.map((cut) => cut % (stream.length + 1)), stream.length]
        borders.sort((a, b) => a - b)
        // One buffer for every read, as a socket with `onread` has: what was read before is overwritten.
        const reused = Buffer.alloc(stream.length)
        for (const [index, start] of borders.slice(0, -1).entries()) {
          const length = stream.copy(reused, 0, start, borders[index + 1])
          expect(pieces.parser.push(reused, 0, length)).toBe(length)
          reused.fill(0xaa)
        }
        expect(pieces.frames).toEqual(whole.frames)
        expect(pieces.parser.isInsidePacket).toBe(false)
      }),
    )
  })

  test('yields the same packets when they come one byte at a time', () => {
    const stream = Buffer.concat([
      fromWire("c0 00 30 07 0003 'a/b' 'hi' 82 08 0001 0003 'a/#' 01"),
      Buffer.from('30c801', 'hex'),
      Buffer.alloc(200, 1),
      Buffer.from('e000', 'hex'),
    ])
    const { parser, frames } = collector()
    for (const byte of stream) parser.push(Buffer.of(byte))
    expect(frames).toEqual([
      'c0 ',
      '30 0003612f626869',
      '82 00010003612f2301',
      `30 ${'01'.repeat(200)}`,
      'e0 ',
    ])
  })

  test('hands on a packet that lies in one chunk without a copy, and one that does not in a buffer of its own', () => {
    const buffers: Buffer[] = []
    const parser = new PacketParser(
      { take: (_firstByte, buffer) => buffers.push(buffer) > 0 },
      {
        maximumPacketSize: LIMIT,
      },
    )
    const chunk = fromWire("30 03 0001 'a' 30 03 00")
    parser.push(chunk)
    expect(buffers[0]).toBe(chunk)
    const rest = fromWire("01 'b' 30 03 0001 'c'")
    parser.push(rest)
    expect(buffers[1]).not.toBe(rest)
    expect(buffers[2]).toBe(rest)
    rest.fill(0)
    chunk.fill(0)
    expect(buffers[1]!.toString('hex')).toBe('000162')
  })

  test('reads only the part of the chunk that it is given', () => {
    const { parser, frames } = collector()
    expect(parser.push(fromWire('ffff c000 ffff'), 2, 4)).toBe(4)
    expect(frames).toEqual(['c0 '])
  })

  test('stops where the sink says so, and goes on from there when the rest is pushed', () => {
    const frames: number[] = []
    const parser = new PacketParser(
      { take: (firstByte) => frames.push(firstByte) % 2 === 0 },
      {
        maximumPacketSize: LIMIT,
      },
    )
    const chunk = fromWire('c000 d000 e000')
    expect(parser.push(chunk)).toBe(2)
    expect(parser.push(chunk, 2)).toBe(6)
    expect(frames).toEqual([0xc0, 0xd0, 0xe0])
  })

  test('stops behind a packet that spanned chunks too', () => {
    const parser = new PacketParser({ take: () => false }, { maximumPacketSize: LIMIT })
    expect(parser.push(fromWire('40 02 00'))).toBe(3)
    expect(parser.push(fromWire('01 c000'))).toBe(1)
    expect(parser.isInsidePacket).toBe(false)
  })

  test('[MQTT-3.2.2-15] refuses a packet above the limit from its header, before a byte of it has come', () => {
    expect(refusal(collector({ limit: 10 }).parser, '30 09')).toBe(ReasonCode.PacketTooLarge)
    expect(refusal(collector({ limit: 1_000_000 }).parser, '30 ffffff7f')).toBe(ReasonCode.PacketTooLarge)
    const { parser, frames } = collector({ limit: 10 })
    parser.push(fromWire('30 08 0001020304050607'))
    expect(frames).toHaveLength(1)
  })

  test('counts the header into the limit, whatever its length', () => {
    const packet = Buffer.concat([fromWire('30 8001'), Buffer.alloc(128)])
    const { parser, frames } = collector({ limit: packet.length })
    parser.push(packet)
    expect(frames).toHaveLength(1)
    expect(refusal(collector({ limit: packet.length - 1 }).parser, '30 8001')).toBe(ReasonCode.PacketTooLarge)
  })

  test('takes a limit that is widened once the client is known', () => {
    const { parser, frames } = collector({ limit: 4 })
    parser.maximumPacketSize = 100
    parser.push(fromWire("30 07 0003 'a/b' 'hi'"))
    expect(frames).toHaveLength(1)
  })

  test('refuses a remaining length of more than four bytes, at the fourth', () => {
    expect(refusal(collector().parser, '30 80808080')).toBe(ReasonCode.MalformedPacket)
    const { parser } = collector()
    parser.push(fromWire('30 808080'))
    expect(refusal(parser, '80')).toBe(ReasonCode.MalformedPacket)
  })

  test('[MQTT-1.5.5-1] refuses a padded length in 5.0, and takes it before, where nothing forbids it', () => {
    expect(refusal(collector({ version: 5 }).parser, 'c0 8000')).toBe(ReasonCode.MalformedPacket)
    const { parser, frames } = collector({ version: 4 })
    parser.push(fromWire('c0 808000'))
    expect(frames).toEqual(['c0 '])
  })

  test.each<[ProtocolVersion, string]>([
    [3, 'type 0 and AUTH'],
    [4, 'type 0, AUTH and all flags but those of its table'],
    [5, 'type 0 and all flags but those of its table'],
  ])('[MQTT-2.1.3-1] [v3 MQTT-2.2.2-1] level %i refuses %s, from the first byte', (version) => {
    const fixed = new Set([
      0x10, 0x20, 0x40, 0x50, 0x62, 0x70, 0x82, 0x90, 0xa2, 0xb0, 0xc0, 0xd0, 0xe0, 0xf0,
    ])
    const publish = new Set([0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x3a, 0x3b, 0x3c, 0x3d])
    for (let firstByte = 0; firstByte < 256; firstByte++) {
      const type = firstByte >> 4
      const isAllowed =
        type === 3
          ? publish.has(firstByte)
          : version === 3
            ? type > 0 && type < 15
            : fixed.has(firstByte) && (version === 5 || type < 15)
      const reason = refusal(collector({ version }).parser, firstByte.toString(16).padStart(2, '0'))
      expect(reason, `first byte ${firstByte}`).toBe(isAllowed ? undefined : ReasonCode.MalformedPacket)
    }
  })

  test('applies the version that CONNECT brought to the packet behind it in the same chunk', () => {
    const parser = new PacketParser(
      {
        take: () => {
          parser.version = 5
          return true
        },
      },
      { maximumPacketSize: LIMIT },
    )
    expect(parser.version).toBe(4)
    expect(parser.push(fromWire('c000 f000'))).toBe(4)
  })

  test('knows whether it waits for the rest of a packet', () => {
    const { parser } = collector()
    expect(parser.isInsidePacket).toBe(false)
    for (const byte of [0x30, 0x02, 0x00]) {
      parser.push(Buffer.of(byte))
      expect(parser.isInsidePacket).toBe(true)
    }
    parser.push(Buffer.of(0))
    expect(parser.isInsidePacket).toBe(false)
  })

  test('assembles a large packet by copying no byte more than a few times, in memory that grows with what came', () => {
    const size = 8 * 1024 * 1024
    const chunk = Buffer.alloc(16 * 1024, 7)
    const allocate = vi.spyOn(Buffer, 'allocUnsafe')
    let received = 0
    let sizes: number[] = []
    try {
      const parser = new PacketParser(
        {
          take: (_firstByte, buffer, start, end) => {
            received = end - start
            expect(buffer.subarray(start, end).every((byte) => byte === 7)).toBe(true)
            return true
          },
        },
        { maximumPacketSize: LIMIT },
      )
      parser.push(Buffer.concat([Buffer.of(0x30), Buffer.from('80808004', 'hex')]))
      for (let sent = 0; sent < size; sent += chunk.length) {
        parser.push(chunk)
        expect(allocate.mock.lastCall?.[0]).toBeLessThanOrEqual(Math.max(1024, 2 * (sent + chunk.length)))
      }
      sizes = allocate.mock.calls.map(([bytes]) => bytes)
    } finally {
      allocate.mockRestore()
    }
    expect(received).toBe(size)
    const allocated = sizes.reduce((sum, bytes) => sum + bytes, 0)
    // Each growth copies what was there: all of them together stay below twice the packet.
    expect(allocated).toBeLessThanOrEqual(3 * size)
  })
})

function refusal(parser: PacketParser, wire: string): ReasonCode | undefined {
  return refusalOf(() => parser.push(fromWire(wire)))?.reason
}
