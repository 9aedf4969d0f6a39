// Covers `src/config/config-error.ts`, `src/config/data-folder.ts`, `src/config/limits.ts`,
// `src/config/listeners.ts`, `src/config/quantities.ts`, `src/base/log-level.ts`.

import { expect, it } from 'vitest'
import { parseConfig } from '../../src/config/config.ts'
import { NO_ALERT_SETTINGS } from '../../src/model/alert-settings.ts'

const errorOf = (input: unknown): string => {
  try {
    parseConfig(input, 'vigie.config.ts')
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('it was accepted')
}

it('has a default for everything', () => {
  expect(parseConfig({}, 'the defaults')).toEqual({
    root: 'vigie',
    wildcards: { reachHubTopics: false },
    data: './data',
    rules: './rules',
    users: './users.json',
    listeners: [{ type: 'tcp', host: '127.0.0.1', port: 1883 }],
    http: { host: '127.0.0.1', port: 7883, hosts: [], mqtt: { path: '/mqtt', origins: [] } },
    durability: 'full',
    history: { keep: 2_592_000_000, maxSize: 2_147_483_648, exclude: [], topics: [] },
    alerts: NO_ALERT_SETTINGS,
    disk: { warning: 536_870_912, critical: 134_217_728 },
    bridges: {},
    homeassistant: false,
    intake: {},
    actions: { concurrency: 16, perRule: 8, requests: 256, requestsPerRule: 64 },
    limits: {},
    log: { level: 'info', format: 'auto' },
  })
})

it('reads how much room there is to be on the disk, or that nobody cares', () => {
  expect(parseConfig({ disk: { warning: '2GiB' } }, 'x').disk).toEqual({
    warning: 2_147_483_648,
    critical: 134_217_728,
  })
  expect(parseConfig({ disk: false }, 'x').disk).toBe(false)
  expect(() => parseConfig({ disk: { critcal: '1GiB' } }, 'x')).toThrow('did you mean "critical"?')
})

it('has defaults for each kind of listener', () => {
  const files = { cert: 'c', key: 'k' }
  const { listeners } = parseConfig(
    {
      listeners: [
        { type: 'tcp', host: '0.0.0.0', anonymous: false },
        { type: 'tls', ...files },
        { type: 'ws' },
        { type: 'wss', ...files, users: 'guests.json' },
        { type: 'unix', path: 'hub.sock' },
      ],
    },
    'x',
  )
  const tls = { ...files, clientCertificate: 'none', userFromCertificate: false }
  expect(listeners).toEqual([
    { type: 'tcp', host: '0.0.0.0', port: 1883, anonymous: false },
    { type: 'tls', host: '127.0.0.1', port: 8883, ...tls },
    { type: 'ws', host: '127.0.0.1', port: 8083, path: '/mqtt', origins: [] },
    { type: 'wss', host: '127.0.0.1', port: 8084, path: '/mqtt', origins: [], ...tls, users: 'guests.json' },
    { type: 'unix', path: 'hub.sock', mode: '0660' },
  ])
})

it('turns lengths and sizes into numbers', () => {
  const { history } = parseConfig(
    { history: { keep: '90m', maxSize: '1KiB', topics: [{ filter: 'a/#', keep: '1d' }] } },
    'x',
  )
  expect(history).toMatchObject({
    keep: 5_400_000,
    maxSize: 1_024,
    topics: [{ filter: 'a/#', keep: 86_400_000 }],
  })
})

it("keeps the hub's own topics out of wildcards unless it is told otherwise", () => {
  expect(parseConfig({}, 'x').wildcards).toEqual({ reachHubTopics: false })
  const wildcards = { reachHubTopics: true }
  expect(parseConfig({ wildcards }, 'x').wildcards).toEqual(wildcards)
})

it('reads the bounds of the broker in its own units', () => {
  const limits = {
    connections: 10,
    connectTimeout: '5s',
    packetSize: '1MiB',
    keepAlive: '90s',
    queueMessages: 0,
  } as const
  expect(parseConfig({ limits }, 'x').limits).toEqual({
    connections: 10,
    connectTimeoutMs: 5_000,
    packetBytes: 1_048_576,
    keepAliveSeconds: 90,
    queueMessages: 0,
  })
})

it.each([
  [{ limits: { conections: 1 } }, 'limits.conections: there is no such setting; did you mean "connections"?'],
  [{ limits: { inflight: 70_000 } }, 'limits.inflight: Too big'],
  [{ mqqt: {} }, 'mqqt: there is no such setting; did you mean "mqtt"?'],
  [{ history: { exlude: [] } }, 'history.exlude: there is no such setting; did you mean "exclude"?'],
  [
    { history: { topics: [{ filter: 'a', filtre: 'b' }] } },
    'history.topics[0].filtre: there is no such setting; did you mean "filter"?',
  ],
  [
    { http: { colour: 1 } },
    'http.colour: there is no such setting (there are: host, port, anonymous, hosts, mqtt)',
  ],
  [{ mqtt: {}, listeners: [{ type: 'tcp' }] }, 'mqtt: cannot stand beside listeners; list'],
  [{ listeners: [] }, 'listeners: lists no listener'],
  [
    { listeners: [{ type: 'tpc' }] },
    'listeners[0].type: must have a type: "tcp", "tls", "ws", "wss", "unix" or "mqtt-sn"',
  ],
  [
    { listeners: [{ type: 'tcp', prot: 1 }] },
    'listeners[0].prot: there is no such setting; did you mean "port"?',
  ],
  [{ listeners: [{ type: 'tls', key: 'k' }] }, 'listeners[0].cert: Invalid input'],
  [
    { listeners: [{ type: 'tls', cert: 'c', key: 'k', userFromCertificate: true }] },
    "listeners[0].userFromCertificate: needs clientCertificate: 'optional' or 'required'",
  ],
  [
    { listeners: [{ type: 'wss', cert: 'c', key: 'k', clientCertificate: 'required' }] },
    'listeners[0].ca: is missing',
  ],
  [
    { listeners: [{ type: 'unix', path: 'x', mode: '999' }] },
    "listeners[0].mode: must be permissions such as '0660'",
  ],
  [{ listeners: [{ type: 'ws', origins: ['x'] }] }, 'listeners[0].origins[0]: must be an origin'],
  [{ mqtt: { port: 70_000 } }, 'mqtt.port: Too big: expected number to be <=65535'],
  [{ mqtt: { port: '1883' } }, 'mqtt.port: Invalid input: expected number, received string'],
  [{ history: { keep: 30 } }, "history.keep: 30 is not a duration such as '250ms'"],
  [{ history: { keep: '30 days' } }, 'history.keep: "30 days" is not a duration'],
  [{ history: { exclude: ['a/b#'] } }, 'history.exclude[0]: '],
  [{ root: 'a/b' }, 'root: must be one topic level'],
  [{ http: { hosts: ['https://hub.example'] } }, "http.hosts[0]: must be a name such as 'hub.example'"],
  [{ alerts: { webhook: 'https://x' } }, 'alerts.webhook: it is a channel now; write channels: {'],
])('says what is wrong with %j', (input, sentence) => {
  expect(errorOf(input)).toContain(`vigie.config.ts is not a valid configuration:\n  ${sentence}`)
})

it('knows where the hub is', () => {
  const place = { latitude: 48.8566, longitude: 2.3522 }
  expect(parseConfig({ place }, 'vigie.config.ts').place).toEqual(place)
  expect(errorOf({ place: { latitude: 148, longitude: 2 } })).toContain('place.latitude')
  expect(errorOf({ place: { lat: 48, longitude: 2 } })).toContain('place.lat')
})

it('names every problem, not only the first', () => {
  expect(errorOf({ root: '', mqtt: { port: -1 } }).split('\n')).toHaveLength(3)
})

it('bounds how much of an output is kept', () => {
  const outputSize = (size: unknown) => parseConfig({ actions: { outputSize: size } }, 'x').actions.outputSize
  expect(outputSize('64KiB')).toBe(65_536)
  for (const size of ['255B', '2MiB'])
    expect(() => outputSize(size)).toThrow('actions.outputSize: must be between 256B and 1MiB')
})
