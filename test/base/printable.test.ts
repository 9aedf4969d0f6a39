import { expect, it } from 'vitest'
import { messageOf, printable } from '../../src/base/printable.ts'

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
