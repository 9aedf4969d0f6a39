import { expect, test } from 'vitest'
import type { DnsTarget } from '../../../src/model/probe.ts'
import { check, checkUntil, CLOSED, failed, good, host, serveUdp } from './probing.ts'

const TYPES: Readonly<Record<string, number>> = { A: 1, CNAME: 5, MX: 15, TXT: 16, AAAA: 28 }
const REFUSED = 5
const NO_SUCH_NAME = 3

/** A name server for a few names of `example`: what it answers is made by hand. [RFC 1035, 4] */
const nameServer = (): Promise<number> => serveUdp(answerTo)

function answerTo(query: Buffer): Buffer {
  let end = 12
  while (query[end]! > 0) end += query[end]! + 1
  const question = query.subarray(12, end + 5)
  const name = query
    .subarray(13, end)
    .toString('latin1')
    .replaceAll(/[^\w-]/g, '.')
  const type = query.readUInt16BE(end + 1)
  const code = name === 'refused.example' ? REFUSED : name === 'nowhere.example' ? NO_SUCH_NAME : 0
  const records = code === 0 ? recordsFor(name, type) : []
  const head = Buffer.alloc(12)
  query.copy(head, 0, 0, 2)
  head.writeUInt16BE(0x8180 + code, 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt16BE(records.length, 6)
  return Buffer.concat([head, question, ...records.map((data) => recordOf(type, data))])
}

function recordOf(type: number, data: Buffer): Buffer {
  const record = Buffer.alloc(12)
  record.writeUInt16BE(0xc00c, 0)
  record.writeUInt16BE(type, 2)
  record.writeUInt16BE(1, 4)
  record.writeUInt32BE(60, 6)
  record.writeUInt16BE(data.length, 10)
  return Buffer.concat([record, data])
}

function recordsFor(name: string, type: number): readonly Buffer[] {
  const label = (text: string): Buffer => Buffer.from([text.length, ...Buffer.from(text)])
  if (name !== 'www.example') return []
  if (type === TYPES['A']) return [Buffer.from([192, 0, 2, 1]), Buffer.from([192, 0, 2, 2])]
  if (type === TYPES['MX'])
    return [Buffer.concat([Buffer.from([0, 10]), label('mail'), label('example'), Buffer.of(0)])]
  if (type === TYPES['TXT']) return [Buffer.concat([label('v=spf1 '), label('-all')])]
  return []
}

test.each<[string, Omit<DnsTarget, 'server'>, object]>([
  ['is good with any answer', { name: 'www.example', record: 'A' }, good],
  [
    'is good when one of the answers is the expected one',
    { name: 'www.example', record: 'A', answer: { equals: '192.0.2.2' } },
    good,
  ],
  [
    'fails when none is, and shows them',
    { name: 'www.example', record: 'A', answer: { equals: '192.0.2.3' } },
    failed('it answers with 192.0.2.1, 192.0.2.2'),
  ],
  [
    'holds a pattern against a mail server with its priority',
    { name: 'www.example', record: 'MX', answer: { matches: { source: '^10 mail\\.example$', flags: '' } } },
    good,
  ],
  [
    'joins the pieces of a text',
    { name: 'www.example', record: 'TXT', answer: { equals: 'v=spf1 -all' } },
    good,
  ],
  [
    'fails when there is no record of the type',
    { name: 'www.example', record: 'AAAA' },
    failed('the name has no AAAA record'),
  ],
  [
    'fails when there is no such name',
    { name: 'nowhere.example', record: 'A' },
    failed('the server says that there is no such name'),
  ],
  [
    'fails when the server refuses',
    { name: 'refused.example', record: 'A' },
    failed('the server refuses to answer'),
  ],
])('a dns ping %s', async (_title, target, outcome) => {
  const server = { host, port: await nameServer() }
  expect(await check({ kind: 'dns', ...target, server })).toEqual(outcome)
})

test('a dns ping fails when nothing listens, or nothing is answered in time', async () => {
  const target = { kind: 'dns', name: 'www.example', record: 'A' } as const
  expect(await check({ ...target, server: CLOSED })).toEqual(failed('nothing listens there'))
  const asked = Promise.withResolvers<void>()
  const port = await serveUdp(() => (asked.resolve(), undefined))
  expect(await checkUntil({ ...target, server: { host, port } }, asked.promise)).toEqual(
    failed('no answer within 5s'),
  )
})
