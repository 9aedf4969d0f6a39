import { expect, it } from 'vitest'
import { numberOf, parseExactly } from '../../../src/page/api/json.ts'

it.each([
  '9007199254740993',
  '{"id":-9007199254740993,"list":[1.0,12.50,1e3,-0,1e999]}',
  '{"text":"1.0","on":true,"none":null,"small":0.1}',
])('writes %s again as it came', (text) => {
  expect(JSON.stringify(parseExactly(text))).toBe(text)
})

it('leaves numbers that JavaScript writes alike', () => {
  expect(parseExactly('{"id":7,"level":-21.5}')).toEqual({ id: 7, level: -21.5 })
})

it('refuses what is no JSON', () => {
  expect(() => parseExactly('{')).toThrow(SyntaxError)
})

it('makes a number of a text that has more digits than JavaScript holds', () => {
  expect(JSON.stringify([numberOf('1152921504606846977')])).toBe('[1152921504606846977]')
})
