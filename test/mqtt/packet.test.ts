// Covers `src/mqtt/mqtt-error.ts`, `src/mqtt/reason-codes.ts`.

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { MqttError } from '../../src/mqtt/mqtt-error.ts'
import { decodePacket, encodePacket, type Packet } from '../../src/mqtt/packet.ts'
import { PacketParser } from '../../src/mqtt/parser.ts'
import type { ProtocolVersion } from '../../src/mqtt/protocol.ts'
import { anyPacket, anyVersion } from './arbitraries.ts'
import { decodeAll, refusalOf } from './byte-tables.ts'

const anyCase = anyVersion.chain((version) => fc.tuple(fc.constant(version), anyPacket(version)))

/** Real packets with a few bytes changed, and plain noise: the first get deep into the decoders. */
const anyNoise = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
  fc
    .tuple(anyCase, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }))
    .map(([[version, packet], changes]) => {
      const wire = encodePacket(packet, version)
      for (const [at, value] of changes) wire[at % wire.length] = value
      return wire
    }),
)

describe('any packet', () => {
  test('is decoded as it was encoded', () => {
    fc.assert(
      fc.property(anyCase, ([version, packet]) => {
        expect(decodeAll(version, encodePacket(packet, version))).toEqual([packet])
      }),
      { numRuns: 2_000 },
    )
  })

  test('that is cut off or made longer inside its frame is refused, and never read past its end', () => {
    fc.assert(
      fc.property(anyVersion, fc.nat(255), fc.uint8Array({ maxLength: 64 }), (version, firstByte, body) => {
        const zeros = outcome(version, firstByte, Buffer.from(body), 0x00)
        const ones = outcome(version, firstByte, Buffer.from(body), 0xff)
        expect(ones).toEqual(zeros)
      }),
      { numRuns: 5_000 },
    )
  })
})

describe('rubbish', () => {
  test('is refused with an MqttError or is a packet by chance, and nothing else ever happens', () => {
    fc.assert(
      fc.property(anyVersion, fc.array(anyNoise, { minLength: 1, maxLength: 4 }), (version, noise) => {
        const parser = new PacketParser(
          {
            take: (firstByte, buffer, start, end) => {
              expect(end).toBeLessThanOrEqual(buffer.length)
              decodePacket(version, firstByte, buffer, start, end)
              return true
            },
          },
          { maximumPacketSize: 10_000, version },
        )
        const refusal = refusalOf(() => noise.forEach((chunk) => parser.push(chunk)))
        expect(refusal?.reason ?? 0x80).toBeGreaterThanOrEqual(0x80)
        expect(refusal?.message ?? 'None.').toMatch(/^[A-Z][^\n]*\.$/)
      }),
      { numRuns: 10_000 },
    )
  })
})

/** What comes of a body, with every byte around it set to `surrounding`. */
function outcome(
  version: ProtocolVersion,
  firstByte: number,
  body: Buffer,
  surrounding: number,
): Packet | string {
  const around = Buffer.alloc(300, surrounding)
  const buffer = Buffer.concat([around, body, around])
  try {
    return decodePacket(version, firstByte, buffer, around.length, around.length + body.length)
  } catch (error) {
    if (error instanceof MqttError) return error.message
    throw error
  }
}
