// Covers `src/mqtt-sn/messages/codec.ts`, `src/mqtt-sn/messages/fields.ts`, `src/mqtt-sn/messages/flags.ts`,
// `src/mqtt-sn/messages/messages.ts`, `src/mqtt-sn/messages/return-codes.ts` and `src/mqtt-sn/messages/forwarded.ts`:
// against a slow model that is written from the tables of the specification.

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decode, encode } from '../../../src/mqtt-sn/messages/codec.ts'
import { type Flags, flagsOctet, NO_FLAGS, readFlags } from '../../../src/mqtt-sn/messages/flags.ts'
import { decodeForwarded, encodeForwarded } from '../../../src/mqtt-sn/messages/forwarded.ts'
import { FORMS, type Message } from '../../../src/mqtt-sn/messages/messages.ts'
import { hex } from '../world.ts'

const u8 = fc.integer({ min: 0, max: 0xff })
const u16 = fc.integer({ min: 0, max: 0xffff })
const returnCode = fc.constantFrom(0, 1, 2, 3)
const text = fc.string({ unit: 'grapheme', maxLength: 300 }).filter((value) => value.isWellFormed())
const bytes = fc.uint8Array({ maxLength: 600 }).map((array) => Buffer.from(array))
const flags: fc.Arbitrary<Flags> = fc.record({
  dup: fc.boolean(),
  qos: fc.constantFrom(-1, 0, 1, 2),
  retain: fc.boolean(),
  will: fc.boolean(),
  clean: fc.boolean(),
  topicType: fc.constantFrom('normal', 'predefined', 'short'),
})

/** Type, and fields in their order: the tables of section 5.4. */
const TABLE: Readonly<Record<string, readonly [number, Readonly<Record<string, fc.Arbitrary<unknown>>>]>> = {
  advertise: [0x00, { gatewayId: u8, duration: u16 }],
  searchgw: [0x01, { radius: u8 }],
  gwinfo: [0x02, { gatewayId: u8, address: bytes }],
  connect: [0x04, { flags, protocolId: u8, duration: u16, clientId: text }],
  connack: [0x05, { returnCode }],
  willtopicreq: [0x06, {}],
  willtopic: [0x07, { flags, topic: text }],
  willmsgreq: [0x08, {}],
  willmsg: [0x09, { message: bytes }],
  register: [0x0a, { topicId: u16, msgId: u16, topic: text }],
  regack: [0x0b, { topicId: u16, msgId: u16, returnCode }],
  publish: [0x0c, { flags, topicId: u16, msgId: u16, data: bytes }],
  puback: [0x0d, { topicId: u16, msgId: u16, returnCode }],
  pubcomp: [0x0e, { msgId: u16 }],
  pubrec: [0x0f, { msgId: u16 }],
  pubrel: [0x10, { msgId: u16 }],
  subscribe: [0x12, { flags, msgId: u16, topic: bytes }],
  suback: [0x13, { flags, topicId: u16, msgId: u16, returnCode }],
  unsubscribe: [0x14, { flags, msgId: u16, topic: bytes }],
  unsuback: [0x15, { msgId: u16 }],
  pingreq: [0x16, { clientId: text }],
  pingresp: [0x17, {}],
  disconnect: [0x18, { duration: u16 }],
  willtopicupd: [0x1a, { flags, topic: text }],
  willtopicresp: [0x1b, { returnCode }],
  willmsgupd: [0x1c, { message: bytes }],
  willmsgresp: [0x1d, { returnCode }],
}

const message: fc.Arbitrary<Message> = fc.oneof(
  ...Object.entries(TABLE).map(([type, [, fields]]) => fc.record({ type: fc.constant(type), ...fields })),
) as fc.Arbitrary<Message>

/** Octet by octet, as a person would with the specification on the table. */
function slowly(of: Message): number[] {
  const [type, fields] = TABLE[of.type]!
  const values = of as unknown as Readonly<Record<string, unknown>>
  const body = Object.keys(fields).flatMap((name) => slowField(name, values[name]))
  const length = body.length + 2
  return length < 256
    ? [length, type, ...body]
    : [1, Math.floor((length + 2) / 256), (length + 2) % 256, type, ...body]
}

function slowField(name: string, value: unknown): number[] {
  if (typeof value === 'string') return [...new TextEncoder().encode(value)]
  if (value instanceof Uint8Array) return [...value]
  if (typeof value === 'number')
    return ['topicId', 'msgId', 'duration'].includes(name) ? [Math.floor(value / 256), value % 256] : [value]
  const { dup, qos, retain, will, clean, topicType } = value as Flags
  const bits =
    (dup ? '1' : '0') +
    { '0': '00', '1': '01', '2': '10', '-1': '11' }[`${qos}`] +
    (retain ? '1' : '0') +
    (will ? '1' : '0') +
    (clean ? '1' : '0') +
    { normal: '00', predefined: '01', short: '10' }[topicType]
  return [Number.parseInt(bits, 2)]
}

it('knows the messages of the specification, and no other', () => {
  const ours = Object.entries(FORMS).map(([name, [type, fields]]) => [name, type, Object.keys(fields)])
  const theirs = Object.entries(TABLE).map(([name, [type, fields]]) => [name, type, Object.keys(fields)])
  expect(new Set(ours.map((one) => JSON.stringify(one)))).toEqual(
    new Set(theirs.map((one) => JSON.stringify(one))),
  )
})

it('encodes each message as the tables of the specification say, and reads it back', () => {
  fc.assert(
    fc.property(message, (one) => {
      const encoded = encode(one)
      expect([...encoded]).toEqual(slowly(one))
      expect(decode(encoded)).toEqual(one)
    }),
    { numRuns: 2_000 },
  )
})

it('returns whatever the bytes are, and reads back no message but from its own bytes', () => {
  const almost = fc
    .tuple(message, fc.array(fc.tuple(u16, u8), { maxLength: 3 }), fc.integer({ min: -3, max: 3 }))
    .map(([one, changes, longer]) => {
      const encoded = encode(one)
      for (const [at, byte] of changes) encoded[at % encoded.length] = byte
      return Buffer.concat([encoded, Buffer.alloc(3)]).subarray(0, encoded.length + longer)
    })
  fc.assert(
    fc.property(fc.oneof(bytes, almost), (datagram) => {
      const decoded = decode(datagram)
      if (decoded.type === 'malformed') return
      const again = decode(encode(decoded))
      expect(again).toEqual(decoded)
    }),
    { numRuns: 5_000 },
  )
})

describe('decode', () => {
  it.each([
    ['', 'has not the length that it names'],
    ['02', 'has not the length that it names'],
    ['03 16', 'has not the length that it names'],
    ['02 16 00', 'has not the length that it names'],
    ['01 00 05 16', 'has not the length that it names'],
    ['02 03', 'is of no known type (3)'],
    ['02 fe', 'is of no known type (254)'],
    ['06 04 04 01 00', 'has not the length that it names'],
    ['05 04 04 01 00', 'is too short for CONNECT'],
    ['04 05 00 00', 'is too long for CONNACK'],
    ['03 18 00', 'has a duration that DISCONNECT may not have'],
    ['07 04 07 01 00 3c 61', 'has a flags that CONNECT may not have'],
    ['07 04 04 01 00 3c ff', 'has a clientId that CONNECT may not have'],
  ])('says of %s what is wrong with it', (datagram, why) => {
    expect(decode(Buffer.from(datagram.replaceAll(' ', ''), 'hex'))).toEqual({ type: 'malformed', why })
  })

  it('takes a length of three octets also of a short message', () => {
    expect(decode(Buffer.from('01000416', 'hex'))).toEqual({ type: 'pingreq', clientId: '' })
  })

  it('knows messages without what may be left out', () => {
    expect(decode(Buffer.from('0218', 'hex'))).toEqual({ type: 'disconnect', duration: undefined })
    expect(decode(Buffer.from('0207', 'hex'))).toEqual({ type: 'willtopic', flags: undefined, topic: '' })
    expect(hex(encode({ type: 'disconnect', duration: undefined }))).toBe('02 18')
    expect(hex(encode({ type: 'willtopic', flags: undefined, topic: '' }))).toBe('02 07')
  })

  it('takes a return code that is reserved for a no', () => {
    expect(decode(Buffer.from('030577', 'hex'))).toEqual({ type: 'connack', returnCode: 3 })
  })
})

it('keeps no state in an octet of flags, and none for the type that is reserved', () => {
  for (let octet = 0; octet < 256; octet++) {
    const read = readFlags(octet)
    expect(read === undefined ? octet & 3 : flagsOctet(read)).toBe(read === undefined ? 3 : octet)
  }
  expect(flagsOctet(NO_FLAGS)).toBe(0)
})

describe('the encapsulation of a forwarder (5.5)', () => {
  it('wraps a message, and is read back', () => {
    const node = fc.uint8Array({ maxLength: 252 }).map((array) => Buffer.from(array))
    const inside = fc.uint8Array({ minLength: 1, maxLength: 300 }).map((array) => Buffer.from(array))
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3 }), node, inside, (radius, from, one) => {
        const wrapped = encodeForwarded({ radius, node: from, message: one })
        expect([...wrapped]).toEqual([3 + from.length, 0xfe, radius, ...from, ...one])
        expect(decodeForwarded(wrapped)).toEqual({ radius, node: from, message: one })
      }),
    )
  })

  it.each(['', '03', '03 fe', '03 fe 00', '05 fe 00 01', '02 fe 00 01 02', '04 16 00 01 02 16'])(
    'is not %j',
    (datagram) => {
      expect(decodeForwarded(Buffer.from(datagram.replaceAll(' ', ''), 'hex'))).toBeUndefined()
    },
  )
})
