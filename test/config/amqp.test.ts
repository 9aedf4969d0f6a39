// Covers `src/config/broker-connection.ts`.

import { expect, it } from 'vitest'
import { parseConfig } from '../../src/config/config.ts'

const parse = (bridge: object) =>
  parseConfig({ bridges: { jobs: { type: 'amqp', ...bridge } } }, 'x').bridges['jobs']
const GOOD = { url: 'amqp://rabbit/site', in: [{ queue: 'results' }] }

it('takes exchanges and queues, with the defaults of every bridge', () => {
  expect(parse({ ...GOOD, out: [{ exchange: 'work' }] })).toMatchObject({
    type: 'amqp',
    out: [{ filter: '#', from: '', exchange: 'work' }],
    in: [{ queue: 'results', to: '' }],
    keepAlive: 60_000,
    reconnect: { first: 1_000, longest: 60_000 },
    window: 200,
  })
})

it.each([
  ['no way', { url: 'amqp://x' }, 'bridges.jobs: names no exchange (out) and no queue (in)'],
  ['an address of MQTT', { ...GOOD, url: 'mqtt://x' }, 'must be an address such as'],
  ['a password in the address', { ...GOOD, url: 'amqp://a:b@x' }, 'holds a user or a password'],
  ['TLS without it', { ...GOOD, tls: {} }, 'amqp://rabbit/site is none; write amqps://rabbit/site'],
  ['no key', { url: 'amqp://x', out: [{ exchange: '' }] }, 'its key is the name of a queue'],
  ['a filter', { url: 'amqp://x', out: [{ exchange: 'e', filter: 'a/#/b' }] }, 'out[0].filter'],
  [
    'a queue twice',
    { url: 'amqp://x', in: [{ queue: 'a' }, { queue: 'a' }] },
    'in[1].queue: is listed twice',
  ],
  [
    'topic and to',
    { url: 'amqp://x', in: [{ queue: 'a', to: 'x/', topic: 'y' }] },
    'cannot stand beside topic',
  ],
  ['a wrong name', { ...GOOD, exchnge: 'x' }, 'bridges.jobs.exchnge: there is no such setting'],
  ['another type', { ...GOOD, type: 'kafka' }, 'bridges.jobs.type: must have the type "mqtt" or "amqp"'],
])('refuses %s with a sentence', (_what, bridge, sentence) => {
  expect(() => parse(bridge)).toThrow(sentence)
})
