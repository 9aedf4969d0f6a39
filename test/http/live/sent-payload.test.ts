import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { sentPayload } from '../../../src/http/live/sent-payload.ts'

it('sends text as text, and whatever is cut in the middle of a character without the part of it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 20 }), fc.nat(60), (text, cut) => {
      const whole = Buffer.from(text)
      const sent = sentPayload(whole.subarray(0, cut), cut < whole.length)
      expect(sent.base64).toBeUndefined()
      expect(text.startsWith(sent.text!)).toBe(true)
      expect(Buffer.byteLength(sent.text!)).toBeGreaterThan(Math.min(cut, whole.length) - 4)
    }),
  )
})

it.each([
  ['00ff', false],
  ['c3', false],
  ['80', true],
  ['ffffffff', true],
])('sends %s as base64', (hex, isCut) => {
  const bytes = Buffer.from(hex, 'hex')
  expect(sentPayload(bytes, isCut)).toEqual({ base64: bytes.toString('base64') })
})
