// Covers `src/mqtt/byte-reader.ts`.

import { isUtf8 } from 'node:buffer'

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { ByteReader } from '../../src/mqtt/byte-reader.ts'
import { ByteWriter } from '../../src/mqtt/byte-writer.ts'
import { checkText, checkTopicName, copyBytes, varintSize, writeVarint } from '../../src/mqtt/bytes.ts'
import { MqttError } from '../../src/mqtt/mqtt-error.ts'
import { ReasonCode } from '../../src/mqtt/reason-codes.ts'
import { anyText, anyTopicName } from './arbitraries.ts'
import { refusalOf } from './byte-tables.ts'

describe('a variable byte integer', () => {
  test.each([
    [0, '00'],
    [127, '7f'],
    [128, '8001'],
    [16_383, 'ff7f'],
    [16_384, '808001'],
    [2_097_151, 'ffff7f'],
    [2_097_152, '80808001'],
    [268_435_455, 'ffffff7f'],
  ])('%i is %s', (value, wire) => {
    const target = Buffer.alloc(4)
    const end = writeVarint(target, 0, value)
    expect(target.toString('hex', 0, end)).toBe(wire)
    expect(varintSize(value)).toBe(end)
    expect(new ByteReader(target, 0, end, 'TEST').varint('it')).toBe(value)
  })

  test.each(['80', 'ffffffff', 'ffffff8001', '8000', '808000'])('%s is refused', (wire) => {
    const bytes = Buffer.from(wire, 'hex')
    expect(() => new ByteReader(bytes, 0, bytes.length, 'TEST').varint('it')).toThrow(MqttError)
  })

  test('a value that does not fit is our own mistake', () => {
    expect(() => new ByteWriter().varint(268_435_456)).toThrow(RangeError)
  })
})

describe('text', () => {
  const utf8 = fc.oneof(
    fc.uint8Array({ maxLength: 6 }),
    // Lead bytes with what nearly follows them: where the limits of well-formed UTF-8 lie.
    fc
      .tuple(
        fc.constantFrom(0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5),
        fc.array(fc.constantFrom(0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0), { maxLength: 4 }),
      )
      .map(([lead, rest]) => Uint8Array.of(lead, ...rest)),
  )

  test('[MQTT-1.5.4-1] [MQTT-1.5.4-2] is accepted when it is UTF-8 to Node too and holds no U+0000', () => {
    fc.assert(
      fc.property(utf8, (array) => {
        const bytes = Buffer.from(array)
        const framed = Buffer.concat([Buffer.from([0x80]), bytes, Buffer.from([0x80])])
        const refusal = refusalOf(() => checkText(framed, 1, framed.length - 1, 'It'))
        expect(refusal === undefined).toBe(isUtf8(bytes) && !bytes.includes(0))
      }),
      { numRuns: 5_000 },
    )
  })

  test('[MQTT-1.5.4-3] comes back as it was, U+FEFF at its beginning included', () => {
    fc.assert(
      fc.property(anyText, fc.boolean(), (text, marked) => {
        const value = marked ? `\uFEFF${text}` : text
        const writer = new ByteWriter()
        writer.text(value)
        const bytes = writer.body()
        expect(new ByteReader(bytes, 0, bytes.length, 'TEST').text('it')).toBe(value)
      }),
    )
  })

  test('is refused with the names of the packet and the field', () => {
    const bytes = Buffer.from('0003610062', 'hex')
    expect(() => new ByteReader(bytes, 0, 5, 'CONNECT').text('the client identifier')).toThrow(
      'CONNECT: the client identifier holds U+0000.',
    )
    expect(() => new ByteReader(bytes, 0, 4, 'CONNECT').text('the client identifier')).toThrow(
      'CONNECT: the packet ends inside the client identifier.',
    )
  })
})

describe('a topic name', () => {
  test('is any text that is not empty and holds no wildcard', () => {
    fc.assert(
      fc.property(anyTopicName, fc.constantFrom('', '+', '#'), (name, wildcard) => {
        const bytes = Buffer.from(name + wildcard)
        const refusal = refusalOf(() => checkTopicName(bytes, 0, bytes.length, 'The topic'))
        expect(refusal?.reason).toBe(wildcard === '' ? undefined : ReasonCode.TopicNameInvalid)
      }),
    )
    expect(() => checkTopicName(Buffer.alloc(1), 0, 0, 'The topic')).toThrow('The topic is empty.')
  })
})

describe('copying', () => {
  test.each([0, 1, 32, 33, 200])('%i bytes arrive where they should, and nowhere else', (length) => {
    const source = Buffer.from(Array.from({ length: length + 2 }, (_, index) => index + 1))
    const target = Buffer.alloc(length + 2)
    expect(copyBytes(source, 1, length + 1, target, 1)).toBe(length + 1)
    expect(target).toEqual(Buffer.concat([Buffer.of(0), source.subarray(1, length + 1), Buffer.of(0)]))
  })
})

describe('a length in front', () => {
  test.each([0, 1, 127, 128, 16_383, 16_384, 70_000])(
    'is right for %i bytes, also inside of another',
    (length) => {
      const writer = new ByteWriter()
      const content = Buffer.alloc(length, 7)
      writer.withLength(() => {
        writer.u8(1)
        writer.withLength(() => writer.bytes(content))
        writer.u8(2)
      })
      const bytes = writer.body()
      const outer = new ByteReader(bytes, 0, bytes.length, 'TEST')
      const inner = outer.part(outer.varint('the outer length'), 'the outer part')
      outer.end()
      expect(inner.u8('it')).toBe(1)
      expect(inner.bytes(inner.varint('the inner length'), 'the content')).toEqual(content)
      expect(inner.u8('it')).toBe(2)
      inner.end()
    },
  )
})
