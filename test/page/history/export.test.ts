import { expect, it } from 'vitest'
import type { EventAnswer } from '../../../src/page/api/answers.ts'
import { csv, jsonLines } from '../../../src/page/history/export.ts'

const event = (payload: unknown, encoding: EventAnswer['encoding'] = 'text'): EventAnswer => ({
  id: 7,
  at: '2026-01-02T03:04:05.000Z',
  topic: 'a/b',
  payload,
  encoding,
  qos: 1,
  retain: false,
  origin: 'hub',
  client: null,
})

const cellOf = (payload: unknown, encoding?: EventAnswer['encoding']): string | undefined =>
  csv([event(payload, encoding)])
    .split('\r\n')
    .slice(1)
    .join('\n')
    .split('a/b,')[1]
    ?.split(`,${encoding ?? 'text'}`)[0]

it('writes a line of names, then one for each event', () => {
  expect(csv([event('hello')])).toBe(
    'id,at,topic,payload,encoding,qos,retain,origin,client\r\n' +
      '7,2026-01-02T03:04:05.000Z,a/b,hello,text,1,false,hub,\r\n',
  )
})

it.each([
  ['a,b', 'text', '"a,b"'],
  ['say "hi"', 'text', '"say ""hi"""'],
  ['two\nlines', 'text', '"two\nlines"'],
  [{ on: true }, 'json', '"{""on"":true}"'],
  [-21.5, 'json', '-21.5'],
] as const)('writes the payload %j as a cell', (payload, encoding, cell) => {
  expect(cellOf(payload, encoding)).toBe(cell)
})

it('gives a spreadsheet no formula', () => {
  expect(cellOf('=HYPERLINK(1)')).toBe("'=HYPERLINK(1)")
  expect(cellOf('-1+2')).toBe("'-1+2")
})

it('writes JSON with a line for each event', () => {
  const lines = jsonLines([event('a'), event({ on: true }, 'json')]).split('\n')
  expect(lines).toHaveLength(3)
  expect(JSON.parse(lines[1]!)).toMatchObject({ id: 7, payload: { on: true } })
})
