import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { JsonText, jsonText } from '../../src/model/json.ts'
import { FRAGILE_JSON } from '../support/payloads.ts'

it('writes plain data as JSON.stringify does', () => {
  const same = fc.property(fc.jsonValue(), (value) => {
    expect(jsonText(value)).toBe(JSON.stringify(value))
  })
  fc.assert(same)
  expect(jsonText({ a: undefined, b: [undefined, Number.NaN] })).toBe('{"b":[null,null]}')
})

it.each(FRAGILE_JSON)('passes %s on as it stands, wherever it is', (text) => {
  expect(jsonText({ a: [{ b: new JsonText(text) }] })).toBe(`{"a":[{"b":${text}}]}`)
})
