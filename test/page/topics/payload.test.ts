import { encode as encodeMessagePack } from '@msgpack/msgpack'
import { encode as encodeCbor } from 'cborg'
import { describe, expect, it } from 'vitest'
import {
  bytesOf,
  decode,
  formOf,
  hexDump,
  jsonIn,
  lineOf,
  pretty,
  prettyJson,
} from '../../../src/page/topics/payload.ts'

const base64 = (bytes: Uint8Array) => ({ base64: Buffer.from(bytes).toString('base64') })

describe('a payload', () => {
  it.each([
    [{ text: '{"a":1}' }, 'json', '{"a":1}'],
    [{ text: '[1]' }, 'json', '[1]'],
    [{ text: '21.5' }, 'text', '21.5'],
    [{ text: 'on\n\u001b[31moff' }, 'text', 'on [31moff'],
    [{ text: '' }, 'text', ''],
    [base64(Uint8Array.of(0, 255, 16)), 'hex', '00 ff 10'],
  ] as const)('%j is shown as %s', (payload, form, line) => {
    expect([formOf(payload), lineOf(payload)]).toEqual([form, line])
  })

  it('is the bytes that it was', () => {
    expect(bytesOf({ text: 'é' })).toEqual(Uint8Array.of(0xc3, 0xa9))
    expect(bytesOf(base64(Uint8Array.of(0, 128, 255)))).toEqual(Uint8Array.of(0, 128, 255))
  })

  it('is JSON only if it says something', () => {
    expect([jsonIn({ text: ' ' }), jsonIn({ text: '{' }), jsonIn({ text: 'null' })]).toEqual([
      null,
      null,
      { value: null },
    ])
  })

  it('is decoded from CBOR and MessagePack, with what JSON has no word for', async () => {
    const value = { at: 1, raw: Uint8Array.of(1, 255), list: [null, true] }
    const shown = { at: 1, raw: '0x01ff', list: [null, true] }
    expect(JSON.parse(pretty(await decode('cbor', encodeCbor(value))))).toEqual(shown)
    expect(JSON.parse(pretty(await decode('msgpack', encodeMessagePack(value))))).toEqual(shown)
  })

  it('keeps every digit of its numbers', async () => {
    expect(prettyJson({ text: '[9007199254740993,1.0]' })).toBe('[\n  9007199254740993,\n  1.0\n]')
    expect(pretty(await decode('cbor', encodeCbor([2n ** 60n + 1n, -(2n ** 60n) - 1n])))).toBe(
      '[\n  1152921504606846977,\n  -1152921504606846977\n]',
    )
    expect(
      pretty(await decode('msgpack', encodeMessagePack([7, 2n ** 60n + 1n], { useBigInt64: true }))),
    ).toBe('[\n  7,\n  1152921504606846977\n]')
    expect(prettyJson({ text: '{' })).toBeNull()
  })

  it('that is not what it was taken for says so', async () => {
    await expect(decode('cbor', Uint8Array.of(0xff))).rejects.toThrow(/./)
    await expect(decode('msgpack', Uint8Array.of(0xc1))).rejects.toThrow(/./)
  })

  it('is dumped as sixteen bytes to a line', () => {
    expect(hexDump(Buffer.from('vigie sees everything\0'))).toBe(
      '0000  76 69 67 69 65 20 73 65  65 73 20 65 76 65 72 79  vigie sees every\n' +
        '0010  74 68 69 6e 67 00                                 thing·',
    )
  })
})
