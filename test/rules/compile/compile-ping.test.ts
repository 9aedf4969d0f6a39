// Tests `src/rules/compile/compile-ping.ts`, `src/rules/compile/ping-shape.ts` and
// `src/rules/compile/ping-target.ts`, which make of a ping what `src/model/probe.ts` describes.

import { describe, expect, test } from 'vitest'
import { ping, secret } from '../../../src/index.ts'
import type { Ping } from '../../../src/index.ts'
import type { PingSpec } from '../../../src/model/probe.ts'
import { compile } from '../../../src/rules/compile.ts'

/** What is made of pings, and what is said of them. */
function load(...pings: readonly Ping[]): {
  readonly pings: readonly PingSpec[]
  readonly said: readonly string[]
} {
  const { problems, ...set } = compile([{ file: 'rules/a.ts', exports: { default: pings } }], {
    root: 'vigie',
  })
  return { pings: set.pings, said: problems.map(({ message }) => message.replace(/^.*?: (?=ping )/, '')) }
}
/** Options that the type checker would refuse. */
const wild = (options: object): Ping => ping('p', options as never)

test.each<[string, Ping, object]>([
  ['a host', ping('p', { host: 'nas' }), { kind: 'host', host: 'nas' }],
  ['a port', ping('p', { tcp: '[::1]:22' }), { kind: 'tcp', host: '::1', port: 22 }],
  [
    'JSON behind an address',
    ping('p', {
      url: 'https://x/',
      expect: { json: { status: 'ok', 'queue.length': { below: 9 }, version: /^2\./, 'ids.0': null } },
    }),
    {
      kind: 'url',
      request: { url: 'https://x/', method: 'GET', headers: {} },
      expect: {
        json: {
          status: { equals: 'ok' },
          'queue.length': { below: 9 },
          version: { matches: { source: '^2\\.', flags: '' } },
          'ids.0': { equals: null },
        },
      },
    },
  ],
  ['a name', ping('p', { dns: 'example.org' }), { kind: 'dns', name: 'example.org', record: 'A' }],
  [
    'a mail record of a server',
    ping('p', { dns: 'example.org', record: 'MX', server: '9.9.9.9', expect: { answer: /mail/i } }),
    {
      kind: 'dns',
      name: 'example.org',
      record: 'MX',
      server: { host: '9.9.9.9', port: 53 },
      answer: { matches: { source: 'mail', flags: 'i' } },
    },
  ],
  [
    'an address of a name',
    ping('p', { dns: 'x', server: '2620:fe::fe', expect: { answer: '192.0.2.1' } }),
    {
      kind: 'dns',
      name: 'x',
      record: 'A',
      server: { host: '2620:fe::fe', port: 53 },
      answer: { equals: '192.0.2.1' },
    },
  ],
  ['a broker', ping('p', { mqtt: 'mqtt://nas' }), { kind: 'mqtt', host: 'nas', port: 1883 }],
  [
    'a broker with TLS and a topic',
    ping('p', {
      mqtt: 'mqtts://[::1]',
      auth: { user: 'me', password: secret('PW') },
      expect: { topic: 'zigbee2mqtt/#', within: '2m' },
    }),
    {
      kind: 'mqtt',
      host: '::1',
      port: 8883,
      tls: {},
      user: 'me',
      password: { secret: 'PW' },
      fresh: { filter: 'zigbee2mqtt/#', withinMs: 120_000 },
    },
  ],
  [
    'a time server',
    ping('p', { ntp: 'pool.ntp.org', expect: { offset: '100ms', stratum: 4 } }),
    { kind: 'ntp', host: 'pool.ntp.org', port: 123, offsetMs: 100, stratum: 4 },
  ],
  [
    'a mail server',
    ping('p', { smtp: 'mail', expect: { startTls: true, certificate: '14d' } }),
    { kind: 'smtp', host: 'mail', port: 25, startTls: true, certificateMs: 1_209_600_000 },
  ],
  [
    'a WebSocket',
    ping('p', { webSocket: 'wss://x/live', protocol: 'chat', headers: { Cookie: secret('C') } }),
    {
      kind: 'webSocket',
      request: { url: 'https://x/live', method: 'GET', headers: { Cookie: { secret: 'C' } } },
      protocol: 'chat',
    },
  ],
  [
    'a unit',
    ping('p', { unit: 'nginx.service' }),
    { kind: 'unit', unit: 'nginx.service', states: ['active'] },
  ],
  [
    'a unit that may rest',
    ping('p', { unit: 'backup.service', expect: { state: ['active', 'inactive'] } }),
    { kind: 'unit', unit: 'backup.service', states: ['active', 'inactive'] },
  ],
  [
    'a command',
    ping('p', { command: ['pg_isready', '-h', 'db'], expect: { status: [0, 2] } }),
    { kind: 'command', argv: ['pg_isready', '-h', 'db'], statuses: [0, 2] },
  ],
])('makes a target of %s', (_what, declared, target) => {
  const { pings, said } = load(declared)
  expect(said).toEqual([])
  expect(pings[0]?.target).toEqual(target)
})

const KINDS = 'host, tcp, url, dns, mqtt, ntp, smtp, webSocket, unit and command'

test.each<[Ping, string]>([
  [wild({}), `expected one of ${KINDS}, got none of them`],
  [wild({ host: 'a', dns: 'b' }), `expected one of ${KINDS}, got host and dns`],
  [wild({ host: 'a', record: 'MX' }), 'record: it belongs to dns'],
  [wild({ tcp: 'a:1', expect: {} }), 'expect: it belongs to url and dns and mqtt and ntp and smtp and unit'],
  [wild({ dns: 'a', redirects: 1 }), 'redirects: it belongs to url'],
  [wild({ dns: 'a', recrod: 'MX' }), 'there is no key `recrod`; did you mean `record`?'],
  [wild({ dns: 'a', record: 'ANY' }), "record: expected 'A' or 'AAAA' or 'CNAME' or"],
  [
    wild({ dns: 'a', server: 'dns.example' }),
    "server: expected the address of a server, such as '192.168.1.1'",
  ],
  [wild({ dns: 'a', expect: { anwser: 'b' } }), 'expect: there is no key `anwser`; did you mean `answer`?'],
  [
    wild({ url: 'http://x', expect: { json: { a: { over: 1 } } } }),
    'expect.json: expected an object whose values',
  ],
  [
    wild({ url: 'http://x', method: 'HEAD', expect: { json: { a: 1 } } }),
    'json: the answer to a HEAD request',
  ],
  [wild({ mqtt: 'nas' }), "mqtt: expected an address such as 'mqtt://nas'"],
  [wild({ mqtt: 'mqtt://nas', tls: {} }), 'tls: it belongs to an address that begins with mqtts://'],
  [wild({ mqtt: 'mqtt://nas', expect: { topic: 'a/#/b', within: '1m' } }), 'expect: topic: '],
  [wild({ mqtt: 'mqtt://nas', expect: { topic: 'a' } }), 'expect.within: expected a duration'],
  [wild({ ntp: 'a:b' }), "ntp: expected a host with or without a port, such as 'pool.ntp.org'"],
  [wild({ ntp: 'a', expect: { stratum: 16 } }), 'expect.stratum: expected a whole number from 1 to 15'],
  [
    wild({ smtp: 'mail', expect: { certificate: '14d' } }),
    'certificate: it is for expect: { startTls: true }',
  ],
  [wild({ webSocket: 'https://x' }), "webSocket: expected an address such as 'wss://example.org/live'"],
  [wild({ unit: '--all' }), "unit: expected the name of a unit, such as 'nginx.service', got"],
  [wild({ command: 'pg_isready -h db' }), 'command: expected a program and its arguments, such as ['],
  [wild({ command: ['a'], expect: { status: 256 } }), 'expect.status: expected an exit status'],
  [wild({ host: 'a', jitter: '30s' }), 'jitter: expected less than every (30s), got 30s'],
  [wild({ host: 'a', flapping: true }), 'flapping: expected false, or limits such as { above: 3, until: 1 }'],
  [
    wild({ host: 'a', flapping: { above: 2, until: 2 } }),
    'flapping: expected until above 0 and below above (2)',
  ],
  [wild({ host: 'a', reference: 'yes' }), 'reference: expected true or false, got "yes"'],
  [wild({ host: 'a', dependsOn: 7 }), 'dependsOn: expected the name of a ping, the ping itself, or an array'],
  [wild({ host: 'a', dependsOn: 'ruter' }), 'there is no ping named "ruter"; did you mean \'router\'?'],
])('refuses what is wrong: %j', (declared, sentence) => {
  const { pings, said } = load(ping('router', { host: 'r' }), declared)
  expect(said).toEqual([expect.stringContaining(sentence)])
  expect(said[0]).toMatch(/^ping "p": /)
  expect(pings.map(({ name }) => name)).toEqual(['router'])
})

describe('what a ping depends on', () => {
  test('is given by name, as the ping, or as several', () => {
    const router = ping('router', { host: 'r' })
    const { pings } = load(
      router,
      ping('a', { host: 'a', dependsOn: router }),
      ping('b', { host: 'b', dependsOn: ['a', router, 'router'] }),
    )
    expect(pings.map(({ dependsOn }) => dependsOn)).toEqual([[], ['router'], ['a', 'router']])
  })

  test('may not be the ping itself, over whatever others', () => {
    const on = (name: string, dependsOn: string): Ping => ping(name, { host: 'x', dependsOn })
    const { pings, said } = load(on('a', 'b'), on('b', 'c'), on('c', 'a'), on('d', 'a'), on('e', 'e'))
    expect(said).toEqual([
      'ping "a": dependsOn: it depends on itself (a → b → c → a)',
      'ping "b": dependsOn: it depends on itself (b → c → a → b)',
      'ping "c": dependsOn: it depends on itself (c → a → b → c)',
      'ping "e": dependsOn: it depends on itself (e → e)',
    ])
    expect(pings.map(({ name }) => name)).toEqual(['d'])
  })
})

test('the type checker lets a ping have one target, and only what belongs to it', () => {
  // @ts-expect-error: two targets
  ping('p', { host: 'a', tcp: 'b:1' })
  // @ts-expect-error: no target
  ping('p', { every: '5s' })
  // @ts-expect-error: what belongs to another kind
  ping('p', { host: 'a', record: 'MX' })
  // @ts-expect-error: an expectation of another kind
  ping('p', { dns: 'a', expect: { status: 200 } })
  // @ts-expect-error: a command without a program
  ping('p', { command: [] })
  expect(ping('p', { dns: 'a', record: 'TXT', expect: { answer: /v=spf1/ } }).name).toBe('p')
})
