import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { ORIGINS } from '../../src/model/event.ts'
import { eventFromRecord, recordLine } from '../../src/model/event-record.ts'
import { event, plain } from '../journal/nouns.ts'
import { FRAGILE_JSON } from '../support/payloads.ts'

const bytes = fc.uint8Array({ maxLength: 20 }).map((each) => Buffer.from(each))
const payloads = fc.oneof(
  bytes,
  fc
    .constantFrom(...FRAGILE_JSON, '', '1.0', ' 1', '"x"', '\uFEFF{}', 'a\nb')
    .map((text) => Buffer.from(text)),
  fc.json().map((text) => Buffer.from(text)),
)
const events = fc.record({
  at: fc.integer({ min: 0, max: 4_000_000_000_000 }),
  topic: fc.string({ minLength: 1, unit: 'grapheme' }),
  payload: payloads,
  qos: fc.constantFrom(0, 1, 2),
  retain: fc.boolean(),
  origin: fc.constantFrom(...ORIGINS),
  client: fc.option(fc.string()),
  properties: fc.option(bytes),
  cause: fc.option(fc.record({ event: fc.nat(), run: fc.option(fc.nat()), depth: fc.nat(16) })),
})

it('comes back exactly, on one line', () => {
  fc.assert(
    fc.property(events, fc.nat(), (rest, id) => {
      const given = event(id, rest)
      const line = recordLine(given)
      expect(line).not.toContain('\n')
      expect(plain(eventFromRecord(line))).toEqual(plain(given))
    }),
  )
})

it('shows JSON as JSON', () => {
  expect(recordLine(event(1, { payload: Buffer.from('{"a":1}') }))).toContain(
    '"payload":{"a":1},"encoding":"json"',
  )
})

it.each([
  ['{', /it is no JSON/],
  ['{}', /it is no recorded message/],
  [recordLine(event(1)).replace('"live"', '"mars"'), /origin/],
  [recordLine(event(1)).replace('"hello"', '5'), /its payload is to be a text/],
])('says what is wrong with %s', (line, sentence) => {
  expect(() => eventFromRecord(line)).toThrow(sentence)
})
