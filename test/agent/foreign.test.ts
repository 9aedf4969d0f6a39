// What hubs declare and order is understood, down to every option; what only looks like it is not.

import { expect, it } from 'vitest'
import { order, pingSpec, watchSpec } from '../../src/agent/foreign.ts'
import { host } from '../../src/rules/authoring/host.ts'
import { secret } from '../../src/rules/authoring/actions/secret.ts'
import { ping } from '../../src/rules/authoring/ping.ts'
import type { PingOptions } from '../../src/rules/authoring/ping.ts'
import { watch } from '../../src/rules/authoring/watch.ts'
import { compile } from '../../src/rules/compile.ts'

const on = host('nas')
const compiled = (...exports: readonly object[]) => {
  const set = compile([{ file: 'rules/a.ts', exports: { default: exports } }], { root: 'vigie' })
  expect(set.problems).toEqual([])
  // As it travels.
  return JSON.parse(JSON.stringify({ pings: set.pings, watches: set.watches })) as {
    pings: readonly object[]
    watches: readonly object[]
  }
}

const tls = { caFile: '/ca', certFile: '/c', keyFile: '/k', verify: false }
const PINGS: readonly PingOptions[] = [
  { host: '192.0.2.1', every: '10s', jitter: '1s', timeout: '2s', fails: 2, recovers: 1, flapping: false },
  { tcp: '[::1]:22', flapping: { above: 4, until: 2 } },
  {
    url: ['https://a/', secret('KEY')],
    method: 'POST',
    headers: { a: secret('H') },
    json: { a: [1, null] },
    auth: { user: 'u', password: secret('P') },
    tls,
    redirects: 2,
    expect: { status: [200], body: /ok/i, json: { 'a.b': 'x', c: /y/, d: { below: 3 } }, certificate: '14d' },
  },
  {
    url: 'http://a/',
    form: { a: 'b' },
    auth: { bearer: 't' },
  },
  { dns: 'a.example', record: 'MX', server: '192.0.2.1:53', expect: { answer: /mail/ } },
  {
    mqtt: 'mqtts://a',
    auth: { user: 'u', password: secret('P') },
    tls,
    expect: { topic: 'a/#', within: '1m' },
  },
  { ntp: 'a', expect: { offset: '1s', stratum: 3 } },
  { smtp: 'a:25', tls, expect: { startTls: true, certificate: '1d' } },
  { webSocket: 'wss://a/x', headers: { a: 'b' }, tls, protocol: 'p' },
  { unit: 'nginx.service', expect: { state: ['active', 'reloading'] } },
  { command: ['/bin/a', 'b'], expect: { status: [0, 1] } },
]

it.each(PINGS.map((options) => [Object.keys(options)[0], options] as const))(
  'understands a ping by %s',
  (_key, options) => {
    const { pings } = compiled(ping('p', { ...options, on }))
    expect(pingSpec.parse(pings[0])).toEqual(pings[0])
  },
)

it('understands every condition of a watch', () => {
  const act = () => []
  const { watches } = compiled(
    watch('a', {
      on,
      process: {
        name: 'a',
        user: 'b',
        commandLine: /x/,
        olderThan: '1m',
        parent: 'p',
        cgroup: '/a',
        unit: 'u',
      },
      state: 'zombie',
      orphan: true,
      cpu: { above: 1 },
      memory: { above: '1MiB' },
      files: { above: 1 },
      zombies: { above: 1 },
      age: { above: '1m' },
      count: { above: 3 },
      for: '1m',
      do: act,
    }),
    watch('b', { on, process: { name: 'a' }, count: { below: 1 }, retry: { attempts: 2 }, do: act }),
  )
  for (const each of watches) expect(watchSpec.parse(each)).toEqual(each)
})

const good = compiled(ping('p', { tcp: 'a:1', on })).pings[0] as Record<string, unknown>

it.each([
  [{ name: '../x' }],
  [{ name: 'a b' }],
  [{ everyMs: 0 }],
  [{ everyMs: 1e300 }],
  [{ fails: 0 }],
  [{ isReference: true }],
  [{ newer: 1 }],
  [{ target: { kind: 'host', host: '-f' } }],
  [{ target: { kind: 'unit', unit: '--help', states: ['x'] } }],
  [{ target: { kind: 'newer' } }],
  [{ target: { kind: 'tcp', host: 'a', port: 0 } }],
  [{ target: { kind: 'dns', name: 'a', record: 'A', answer: { matches: { source: '(', flags: '' } } } }],
  [{ target: null }],
])('does not take a ping with %j', (wrong) => {
  expect(pingSpec.safeParse({ ...good, ...wrong }).success).toBe(false)
})

const step = {
  kind: 'step',
  key: '7.0-9-abc',
  attempt: 1,
  rule: 'r',
  run: 7,
  step: '0',
  event: {
    id: 9,
    at: 1,
    topic: 't',
    payload: '',
  },
  spec: {
    kind: 'kill',
    timeoutMs: 1e3,
    retry: {
      attempts: 1,
      minMs: 1,
      maxMs: 1,
    },
    graceMs: 10,
    target: {
      identity: {
        boot: 'b',
        pid: 7,
        startTicks: 1,
      },
      name: 'x',
    },
  },
}

it('takes an order', () => {
  expect(order.parse(step)).toEqual(step)
})

it.each([
  [{ key: 'a/b' }],
  [{ key: '#' }],
  [{ attempt: 0 }],
  [{ spec: { ...step.spec, kind: 'publish' } }],
  [{ spec: { ...step.spec, target: { identity: { boot: 'b', pid: -1, startTicks: 1 }, name: 'x' } } }],
  [{ spec: { ...step.spec, target: { select: { commandLine: '(' } } } }],
  [{ spec: { ...step.spec, host: 'x' } }],
  [{ spec: null }],
])('does not take an order with %j', (wrong) => {
  expect(order.safeParse({ ...step, ...wrong }).success).toBe(false)
})
