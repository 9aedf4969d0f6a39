import { describe, expect, test } from 'vitest'
import { eventJson, payloadJson, payloadText, payloadValue } from '../../src/model/event-json.ts'
import type { Event } from '../../src/model/event.ts'
import { jsonText } from '../../src/model/json.ts'
import { FRAGILE_JSON } from '../support/payloads.ts'

const event: Event = {
  id: 7,
  at: Date.UTC(2026, 0, 2, 3, 4, 5, 6),
  topic: 'a/b',
  payload: Buffer.from('{"on":true}'),
  qos: 1,
  retain: false,
  origin: 'live',
  client: 'lamp',
  properties: null,
  cause: null,
  recorded: true,
}

describe('an event as JSON', () => {
  test('says when, where, what and who', () => {
    expect(JSON.parse(jsonText(eventJson(event, { room: 'hall' })))).toEqual({
      id: 7,
      at: '2026-01-02T03:04:05.006Z',
      topic: 'a/b',
      payload: { on: true },
      encoding: 'json',
      qos: 1,
      retain: false,
      origin: 'live',
      client: 'lamp',
      params: { room: 'hall' },
    })
  })

  test.each([
    ['21.5', 21.5, 'json'],
    ['SUCCESS', 'SUCCESS', 'text'],
    ['', '', 'text'],
    ['\uFEFFx', '\uFEFFx', 'text'],
  ])('gives the payload %j as %j', (text, payload, encoding) => {
    expect(payloadValue(Buffer.from(text))).toEqual(payload)
    expect(payloadJson(Buffer.from(text))).toMatchObject({ encoding })
  })

  test.each(FRAGILE_JSON)('has the payload %s as it came', (text) => {
    const written = jsonText(eventJson({ ...event, payload: Buffer.from(text) }))
    expect(written).toContain(`"payload":${text},"encoding":"json"`)
  })

  test('is one line, also when the payload has several', () => {
    const payload = Buffer.from('{\r\n\t"text": "one\\ntwo"\n}\n')
    expect(jsonText(eventJson({ ...event, payload }))).toContain('"payload":{ "text": "one\\ntwo" } ,')
  })

  test('gives what is nested too deep to be written again as the text that it is', () => {
    const text = `${'{"a":['.repeat(10_000)}${']}'.repeat(10_000)}`
    expect(payloadJson(Buffer.from(text))).toEqual({ payload: text, encoding: 'text' })
    expect(() => jsonText(eventJson({ ...event, payload: Buffer.from(text) }))).not.toThrow()
    const flat = `[${'[],'.repeat(10_000)}[]]`
    expect(payloadJson(Buffer.from(flat))).toMatchObject({ encoding: 'json' })
  })

  test('gives bytes that are no UTF-8 as base64, and says so', () => {
    const bytes = Uint8Array.of(0xff, 0x00)
    expect(payloadJson(bytes)).toEqual({ payload: '/wA=', encoding: 'base64' })
    expect(payloadText(bytes)).toBe('(2 bytes that are no text)')
  })
})
