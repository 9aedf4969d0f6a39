import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { errorText, messageOf, printable } from '../../src/base/printable.ts'
import { hostile } from '../support/hostile.ts'

it.each([
  ['plain text, ümlauts and 日本', 'plain text, ümlauts and 日本'],
  ['a\u001B[31mred\nline', String.raw`a\x1b[31mred\x0aline`],
  ['evil\u202Etxt.exe', String.raw`evil\u202etxt.exe`],
  ['half \uD800 pair', String.raw`half \ud800 pair`],
])('makes %j safe to print', (text, safe) => {
  expect(printable(text)).toBe(safe)
})

it('cuts what is too long', () => {
  expect(printable('x'.repeat(300), 10)).toBe('xxxxxxxxx…')
})

it('gives the message of anything that was thrown', () => {
  expect(messageOf(new Error('no'))).toBe('no')
  expect(messageOf('just text')).toBe('just text')
})

it('shows what was thrown and is no error, and calls none of its functions', () => {
  expect(messageOf({ code: 7, toString: () => 'mine' })).toMatch(/^\{ code: 7, toString: \[Function/)
  expect(messageOf(Object.assign(Object.create(null), { year: '2026' }))).toContain("year: '2026'")
  expect(messageOf(undefined)).toBe('undefined')
})

it('cuts a message that nobody could read', () => {
  expect(messageOf('x'.repeat(1e6)).length).toBeLessThan(10_000)
})

it('puts anything that can be thrown into words, and never throws', () => {
  fc.assert(
    fc.property(hostile(), (make) => {
      const thrown = make()
      expect(typeof messageOf(thrown)).toBe('string')
      for (const part of ['name', 'message', 'stack'] as const)
        expect(typeof errorText(thrown, part)).toBe('string')
    }),
  )
})
