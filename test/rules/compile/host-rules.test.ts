// Covers `src/rules/compile/host-shape.ts`, `src/rules/authoring/host.ts`, `src/rules/authoring/triggers/host.ts`,
// `src/rules/stages/once.ts` and `src/model/host.ts`. What an agent says, on a hub in virtual time.

import { expect, it, test } from 'vitest'
import { host } from '../../../src/rules/authoring/host.ts'
import { alert } from '../../../src/rules/authoring/actions/alert.ts'
import { kill } from '../../../src/rules/authoring/actions/kill.ts'
import { reap } from '../../../src/rules/authoring/actions/reap.ts'
import { renice } from '../../../src/rules/authoring/actions/renice.ts'
import { restart } from '../../../src/rules/authoring/actions/restart.ts'
import { shell } from '../../../src/rules/authoring/actions/shell.ts'
import { command } from '../../../src/rules/authoring/command.ts'
import { ping } from '../../../src/rules/authoring/ping.ts'
import { rule } from '../../../src/rules/authoring/rule.ts'
import { down } from '../../../src/rules/authoring/triggers/ping.ts'
import { watch } from '../../../src/rules/authoring/watch.ts'
import { isOfAgents } from '../../../src/model/host.ts'
import { compile } from '../../../src/rules/compile.ts'
import { simulate } from '../../../src/testing.ts'

const nas = host('nas', { severity: 'critical' })
const smb = ping('smb', { tcp: 'nas:445', on: nas })
const here = ping('here', { tcp: 'hub:1' })
const busy = watch('busy', {
  on: nas,
  process: { name: 'ffmpeg' },
  cpu: { above: 90 },
  do: ({ process }) => [kill(process), renice(process.parent!, 5)],
})
const worker = watch('worker', {
  on: nas,
  process: { name: 'worker' },
  count: { below: 1 },
  do: () => restart(['/usr/bin/worker'], { on: nas }),
})
const stop = command('stop', { target: busy, allow: ['kill'], users: ['anna'] })
const lost = rule('lost', { on: down(smb), do: () => alert({ key: 'smb', title: 'gone' }) })
const RULES = [nas, smb, here, busy, worker, stop, lost]

const SINCE = '2026-01-01T00:00:00.000Z'
const online = {
  state: 'online',
  reason: '',
  protocol: 1,
  version: '1',
  since: SINCE,
  refused: {},
  problem: '',
  lost: 0,
}
const report = (state: string, previous: string) => ({
  state,
  previous,
  since: SINCE,
  latencyMs: null,
  reason: '',
})
const identity = { boot: 'b', pid: 7, startTicks: 9 }
const process = {
  identity,
  pid: 7,
  ppid: 2,
  name: 'ffmpeg',
  user: 'media',
  state: 'running',
  commandLine: 'ffmpeg',
  ageMs: 1,
  memoryBytes: 1,
  cpuPercent: 99,
  parent: {
    identity: {
      ...identity,
      pid: 2,
    },
    pid: 2,
    name: 'sh',
  },
}

function hub() {
  const simulated = simulate(RULES)
  let n = 0
  return {
    simulated,
    agent: (more: object = {}) => simulated.publish('vigie/hosts/nas/agent', { ...online, ...more }),
    say: (topic: string, payload: unknown, more: object = {}) =>
      simulated.publish('vigie/hosts/nas/said', { store: 's', n: ++n, topic, payload, ...more }),
    /** What was done but to pass messages on. */
    acts: () => simulated.actions.filter(({ kind }) => kind !== 'publish'),
    published: () => simulated.actions.filter(({ kind }) => kind === 'publish'),
  }
}

test('a flip of a ping is published as the hub would, retained, and fires the rules once', async () => {
  const { say, acts, published } = hub()
  await say('ping/smb', report('down', 'up'))
  await say('ping/smb', report('down', 'up'), { n: 1 })
  await say('ping/smb', report('up', 'down'), { n: 2 })
  await say(
    'ping/smb/minute',
    { from: SINCE, checks: 2, failed: 0, minMs: 1, medianMs: 1, maxMs: 1 },
    { n: 3 },
  )
  expect(published()).toMatchObject([
    { topic: 'vigie/ping/smb', retain: true },
    { topic: 'vigie/ping/smb', retain: true },
    { topic: 'vigie/ping/smb/minute', retain: false },
  ])
  expect(acts()).toMatchObject([{ kind: 'alert', key: 'smb' }])
})

test('an agent whose store is new counts from the start again', async () => {
  const { say, published } = hub()
  await say('ping/smb', report('down', 'up'), { n: 40 })
  await say('ping/smb', report('up', 'down'), { n: 1, store: 'new' })
  expect(published()).toHaveLength(2)
})

test('what is done about a process of a host, and about its parent, is done on the host', async () => {
  const { say, acts, simulated } = hub()
  await say('process/busy/7', process)
  await say('process/worker/missing', { state: 'missing', count: 0, wanted: 1, attempt: 1, attempts: 5 })
  await simulated.publish('vigie/clients/phone', { user: 'anna' })
  await simulated.publish('vigie/commands/stop/kill', '', { client: 'phone' })
  expect(acts()).toMatchObject([
    { kind: 'kill', host: 'nas', target: { identity } },
    { kind: 'renice', host: 'nas', target: { identity: { pid: 2 } } },
    { kind: 'restart', host: 'nas', argv: ['/usr/bin/worker'] },
    { kind: 'kill', host: 'nas', target: { watch: 'busy' } },
  ])
})

test('a host whose agent is gone has unknown pings and one alert, which ends when the agent is back', async () => {
  const { agent, say, simulated, published } = hub()
  await agent()
  await say('ping/smb', report('up', 'down'))
  await agent({ state: 'offline', reason: 'the connection to it was lost' })
  expect(simulated.actions.at(-1)).toMatchObject({
    kind: 'alert',
    key: 'host-nas',
    severity: 'critical',
    title: 'The agent of nas is gone',
    body: 'The connection to it was lost. Until it is back, nothing is known of its 1 ping and 2 watches.',
  })
  const [, unknown] = published() as unknown as { readonly payload: { readonly text: string } }[]
  expect(JSON.parse(unknown!.payload.text)).toMatchObject({
    state: 'unknown',
    previous: 'up',
    latencyMs: null,
  })
  await agent()
  expect(simulated.actions.at(-1)).toMatchObject({ kind: 'alert', key: 'host-nas', resolve: true })
})

test('an agent of another version is no agent, and the alert says which versions meet', async () => {
  const { agent, acts } = hub()
  await agent({ protocol: 2, version: '9.9.9' })
  expect(acts()).toMatchObject([
    {
      title: 'The agent of nas does not fit this hub',
      body: expect.stringMatching(
        /vigie 9\.9\.9 and speaks version 2 .* speaks version 1\. Install the same/,
      ),
    },
  ])
})

it.each([
  ['of a ping of the hub', 'ping/here', report('down', 'up')],
  ['of a ping that is not there', 'ping/none', report('down', 'up')],
  ['on a topic of the hub', 'hub/started', {}],
  ['on a topic with a wildcard', 'ping/#', report('down', 'up')],
  ['under a pid that is none', 'process/busy/0x7', process],
  ['with a level too many', 'process/busy/7/x', process],
  ['of a state that is none', 'ping/smb', report('sideways', 'up')],
  ['without a moment', 'ping/smb', { ...report('down', 'up'), since: 'yesterday' }],
  ['of a process without identity', 'process/busy/7', { ...process, identity: 7 }],
  ['with a text that does not end', 'ping/smb', { ...report('down', 'up'), reason: 'x'.repeat(1e6) }],
  ['of another host in the report', 'process/busy/7', null],
])('takes no word %s', async (_what, topic, payload) => {
  const { say, simulated } = hub()
  await say(topic, payload)
  expect(simulated.actions).toEqual([])
})

it('does not let a report name another host than that of the agent', async () => {
  const { say, acts } = hub()
  await say('process/busy/7', { ...process, host: 'attic', parent: { ...process.parent, host: 'attic' } })
  expect(acts()).toMatchObject([{ host: 'nas' }, { host: 'nas' }])
})

it.each([null, 7, 'x', [], { state: 'online' }, { ...online, refused: [] }, { ...online, since: 1 }])(
  'takes no agent that is %j',
  async (payload) => {
    const { simulated } = hub()
    await simulated.publish('vigie/hosts/nas/agent', payload)
    await simulated.publish('vigie/hosts/nas/said', payload)
    expect(simulated.actions).toEqual([])
  },
)

const problemsOf = (...rules: readonly object[]): string[] =>
  compile([{ file: 'rules/a.ts', exports: { default: rules } }], { root: 'vigie' }).problems.map(
    ({ message }) => message.slice(message.indexOf('": ') + 3),
  )

it.each([
  [[ping('p', { tcp: 'a:1', on: 'nas' as never })], 'on: expected host(\'name\'), got "nas"'],
  [[ping('p', { tcp: 'a:1', on: host('a/b') })], expect.stringContaining("on: expected host('name')")],
  [[ping('p', { tcp: 'a:1', on: nas, reference: true })], expect.stringContaining('the hub must check it')],
  [
    [here, ping('p', { tcp: 'a:1', on: nas, dependsOn: here })],
    expect.stringContaining('not checked from the same machine'),
  ],
  [[host('nas', { severity: 'loud' } as never)], expect.stringContaining("severity: expected 'info'")],
  [[host('nas'), host('nas')], expect.stringContaining('the name is taken')],
  [
    [command('c', { target: { name: 'x' }, allow: ['kill'], users: [], on: 7 as never })],
    expect.stringContaining("host('name')"),
  ],
])('says what is wrong with %j', (rules, sentence) => {
  expect(problemsOf(...rules)).toEqual([sentence])
})

it('refuses to act on one host on what is on another', () => {
  const there = { ...process, host: 'nas' } as never
  expect(() => kill(there, { on: host('attic') })).toThrow('the processes are on "nas", not on "attic"')
  expect(() => reap(process as never, { on: nas })).toThrow(
    'the processes are on the machine of the hub, not on "nas"',
  )
  expect(() => shell({ on: 'nas' as never })`ls`).toThrow("on: expected host('name')")
})

it('names the hosts of a folder, also those that no file exports', () => {
  const { hosts } = compile([{ file: 'rules/a.ts', exports: { default: [smb] } }], { root: 'vigie' })
  expect(hosts).toEqual(['nas'])
})

it.each([
  ['vigie/hosts/nas/said', true],
  ['vigie/hosts/nas/agent', true],
  ['vigie/hosts/nas/answers/1.0-7', true],
  ['vigie/hosts/nas/answers/1/2', false],
  ['vigie/hosts/nas/declared', false],
  ['vigie/hosts/nas/orders', false],
  ['vigie/hosts/nas', false],
  ['vigie/ping/nas', false],
  ['hosts/nas/said', false],
])('agents publish on %s: %s', (topic, expected) => {
  expect(isOfAgents('vigie', topic)).toBe(expected)
})
