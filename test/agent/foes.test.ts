// An agent and a hub that do not trust each other, or that do not fit each other.

import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { beforeAll, expect, it, vi } from 'vitest'
import { HOST_PROTOCOL } from '../../src/model/host.ts'
import { temporaryFolder } from '../support/hub.ts'
import { forAllTests, whenOver } from '../support/lifetime.ts'
import { clientOf, door, hubWith, listener, runaway, startAgent, startHub, until } from './running.ts'

vi.setConfig({ testTimeout: 120_000 })

const RULES = `
  const { host, ping } = vigie
  export const p = ping('p', { tcp: '127.0.0.1:1', on: host('nas') })`

const USERS = {
  users: {},
  permissions: [{ anonymous: true, publish: ['#', 'vigie/hosts/attic/#'], receive: ['#', 'vigie/#'] }],
}

it('prints the permissions that it needs when the hub refuses it', async () => {
  const hub = await startHub(hubWith(RULES, '{}', USERS))
  const agent = startAgent([
    '--hub',
    `mqtt://127.0.0.1:${hub.mqtt}`,
    '--name',
    'nas',
    '--data',
    temporaryFolder(),
  ])
  const { msg } = await agent.says('Not authorized')
  expect(msg).toContain(
    '{ "users": ["nas"], "publish": ["vigie/hosts/nas/#"], "receive": ["vigie/hosts/nas/#"] }',
  )
  // With the rights of another host, it cannot speak for this one either.
  const client = await clientOf(hub.mqtt)
  await expect(client.publishAsync('vigie/hosts/nas/said', '{}', { qos: 1 })).rejects.toThrow(
    'Not authorized',
  )
  await expect(client.publishAsync('vigie/hosts/attic/orders', '{}', { qos: 1 })).rejects.toThrow(
    'Not authorized',
  )
  await client.publishAsync('vigie/hosts/attic/said', '{}', { qos: 1 })
  await agent.end('SIGTERM')
  expect(await agent.ended).toBe(0)
})

it('lets one agent of a name be there, and ends the one that was replaced', async () => {
  const hub = await startHub(hubWith(RULES))
  const args = (): string[] => [
    '--hub',
    `mqtt://127.0.0.1:${hub.mqtt}`,
    '--name',
    'nas',
    '--data',
    temporaryFolder(),
  ]
  const first = startAgent(args())
  await first.says('run')
  const second = startAgent(args())
  expect(await first.ended).toBe(1)
  expect(first.lines.at(-1)?.msg).toContain('Another agent named "nas" has connected to the hub.')
  await second.says('run')
})

/**
 * A real hub, of which a client plays the hub of the agents: it declares and orders what it likes. No rule of the real
 * one names the hosts, and its own permissions let nobody but the hub declare. A broker that is not vigie's has no such
 * scruples: here it is a hub whose own topics have another root.
 */
let foes: Awaited<ReturnType<typeof listener>> & { readonly port: number }
beforeAll(
  forAllTests(async () => {
    const place = hubWith('export const r = vigie.rule("r", { on: "x", do: () => [] })', "{ root: 'other' }")
    const { mqtt: port } = await startHub(place)
    foes = { ...(await listener(port, 'vigie/hosts/#')), port }
  }),
)

/** An agent of the hub that is played. Each test has one with a name of its own. */
async function foe(name: string, args: readonly string[] = []) {
  const { client, heard, port } = foes
  const words = ['--hub', `mqtt://127.0.0.1:${port}`, '--name', name, '--data', temporaryFolder(), ...args]
  const agent = startAgent(words)
  await until(() => heard.some(({ topic }) => topic === `vigie/hosts/${name}/agent`))
  const send = (part: string, payload: unknown, retain = false) =>
    client.publishAsync(
      `vigie/hosts/${name}/${part}`,
      typeof payload === 'string' ? payload : JSON.stringify(payload),
      {
        qos: 1,
        retain,
      },
    )
  const said = (topic: string) =>
    heard.filter((each) => each.topic === `vigie/hosts/${name}/${topic}`).map(({ payload }) => payload)
  return { agent, restart: () => startAgent(words), said, send }
}

const manner = { timeoutMs: 5_000, retry: { attempts: 1, minMs: 1, maxMs: 1 } }
const event = { id: 9, at: 1, topic: 't', payload: '' }
const step = (key: string, spec: object, attempt = 1) => ({
  kind: 'step',
  key,
  attempt,
  rule: 'r',
  run: 1,
  step: '0',
  event,
  spec: {
    ...manner,
    ...spec,
  },
})

it('goes on after declarations and orders that nobody should send', async () => {
  const { agent, said, send } = await foe('nas')
  const { port } = await door()
  const good = {
    name: 'p',
    host: 'nas',
    target: {
      kind: 'tcp',
      host: '127.0.0.1',
      port,
    },
    everyMs: 200,
    jitterMs: 0,
    timeoutMs: 500,
    fails: 1,
    recovers: 1,
    flapping: null,
    dependsOn: [],
    isReference: false,
  }
  const slow = { source: '^(.|.)+$', flags: '' }
  const http = createServer((_request, response) => void response.end(`${'a'.repeat(60)}\n`))
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  whenOver(() => void http.close())
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/`
  for (const nonsense of ['', '{', '[]', 'null', '{"protocol":"x"}', { protocol: HOST_PROTOCOL, version: 1 }])
    await send('declared', nonsense)
  for (const nonsense of [
    '',
    '{',
    'null',
    { kind: 'step' },
    { kind: 'step', key: '#' },
    step('k', { kind: 'call' }),
  ])
    await send('orders', nonsense)
  await until(() => said('answers/k').length > 0)
  expect(said('answers/k')).toMatchObject([
    { outcome: { kind: 'give-up', reason: expect.stringContaining('as new as the hub') } },
  ])
  await send('declared', {
    protocol: HOST_PROTOCOL,
    version: '1',
    pings: [
      null,
      good,
      { ...good, name: 'newer', target: { kind: 'quantum' } },
      { ...good, name: 'elsewhere', host: 'attic' },
      {
        ...good,
        name: 'slow',
        timeoutMs: 5_000,
        target: { kind: 'url', request: { url, method: 'GET', headers: {} }, expect: { body: slow } },
      },
    ],
    watches: [{ name: 'all', host: 'nas', select: { commandLine: '^(.|.)+\\0$' }, ageAboveMs: 0, forMs: 0 }],
  })
  await until(() =>
    said('said').some(({ topic, payload: { state } }) => topic === 'ping/p' && state === 'up'),
  )
  const last = said('agent').at(-1) as unknown as { readonly refused: object }
  expect(last.refused).toEqual({
    '?': expect.stringContaining('this agent does not understand it'),
    newer: expect.stringContaining('this agent does not understand it (target'),
    elsewhere: 'it belongs to another host',
  })
  await agent.says(
    'The probe "slow" is left alone until it is declared anew: its pattern took more than a second',
  )
  await agent.says(
    'The probe "all" is left alone until it is declared anew: its pattern took more than a second',
  )
  const before = said('said').length
  await send('declared', { protocol: 2, version: '9.9.9', pings: [], watches: [] })
  await agent.says('The hub is vigie 9.9.9 and speaks version 2 of what hub and agents say to each other')
  expect(before).toBeGreaterThan(0)
})

it('does once what is ordered twice, and nothing that is ordered late', async () => {
  const { agent, restart, said, send } = await foe('barn', ['--allow', 'kill', '--run', process.execPath])
  const folder = temporaryFolder()
  const script = `require('fs').appendFileSync('${folder}/log', 'x'); console.log(require('fs').readFileSync('${folder}/log', 'utf8'))`
  const order = step('1.0-1-a', { kind: 'shell', argv: [process.execPath, '-e', script] })
  await Promise.all([send('orders', order), send('orders', order)])
  await until(() => said('answers/1.0-1-a').length > 0)
  await send('orders', { ...order, attempt: 2 })
  await until(() => said('answers/1.0-1-a').length > 1)
  for (const { outcome } of said('answers/1.0-1-a') as unknown as { readonly outcome: object }[])
    expect(outcome).toMatchObject({ kind: 'done', result: { stdout: 'x\n' } })

  // An attempt that failed is made again under the same key, if its number is new.
  const failing = step('2.0-1-a', {
    kind: 'shell',
    argv: [process.execPath, '-e', `${script}; process.exit(3)`],
  })
  await send('orders', failing)
  await until(() => said('answers/2.0-1-a').length === 1)
  await send('orders', failing)
  await until(() => said('answers/2.0-1-a').length === 2)
  await send('orders', { ...failing, attempt: 2 })
  await until(() => said('answers/2.0-1-a').length === 3)
  const stdouts = (said('answers/2.0-1-a') as unknown as { outcome: { result: { stdout: string } } }[]).map(
    ({ outcome }) => outcome.result.stdout,
  )
  expect(stdouts).toEqual(['xx\n', 'xx\n', 'xxx\n'])

  // The agent is killed in the middle of an order: the next one ends what is left of it, and begins it again.
  const long = step('3.0-1-a', {
    kind: 'shell',
    argv: [
      process.execPath,
      '-e',
      `require('fs').appendFileSync('${folder}/pids', process.pid + '\\n'); setTimeout(() => {}, 1500)`,
    ],
  })
  await send('orders', long)
  const pids = (): string[] =>
    existsSync(`${folder}/pids`) ? readFileSync(`${folder}/pids`, 'utf8').trim().split('\n') : []
  await until(() => pids().length === 1)
  await agent.end('SIGKILL')
  restart()
  await until(() => said('answers/3.0-1-a').length > 0)
  expect(said('answers/3.0-1-a')).toMatchObject([{ outcome: { kind: 'done' } }])
  const [first, second, ...more] = pids()
  expect([first === second, more]).toEqual([false, []])
  expect(() => process.kill(Number(first), 0)).toThrow('ESRCH')
})

it('ends a runaway process of its own user only, unless it was told of others', async () => {
  const word = `vigie-foe-${Date.now()}-${Math.random()}`
  const { pid, ended } = runaway(word)
  const { said, send } = await foe('shed', ['--allow', 'kill'])
  const target = { select: { commandLine: word.replaceAll('.', '\\.') } }
  await send(
    'orders',
    step('k1', {
      kind: 'kill',
      target: { select: { name: 'systemd', user: 'nobody' } },
      graceMs: 10,
      users: 'any',
    }),
  )
  await send('orders', step('k2', { kind: 'kill', target, graceMs: 2_000, descendants: true }))
  expect(await ended).toBe('SIGTERM')
  await until(() => said('answers/k2').length === 1)
  expect(said('answers/k2')).toMatchObject([{ outcome: { kind: 'done', result: { processes: [{ pid }] } } }])
})
