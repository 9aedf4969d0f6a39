// Covers `src/cli/frame/settings.ts`, `src/config/hub-file.ts`.

import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import { leaveAddress } from '../../../src/config/hub-file.ts'
import type { HubStatus } from '../../../src/model/hub-status.ts'
import { startHubProcess, temporaryFolder } from '../../support/hub.ts'
import { runCommand } from '../../support/terminal.ts'

vi.setConfig({ testTimeout: 60_000 })

let folder: string
let data: string
beforeEach(() => {
  folder = temporaryFolder()
  data = join(folder, 'data')
  mkdirSync(data)
})

const NOW = Date.UTC(2026, 10, 22, 12)
const status = (...args: string[]) => runCommand(['status', ...args], { cwd: folder, now: () => NOW })

/** A hub that says this of itself. */
async function pretend(hub: HubStatus): Promise<void> {
  const server = createServer((_request, answer) => answer.end(JSON.stringify(hub))).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  leaveAddress(data, { pid: process.pid, http: `http://127.0.0.1:${port}`, mqtt: null })
}

const WELL: HubStatus = {
  version: '1.2.3',
  pid: 4711,
  startedAt: NOW - 3_600_000,
  paused: [],
  health: { ok: true, conditions: { journal: null, rules: null, engine: null } },
  broker: {
    connections: 1,
    sessions: 2,
    subscriptions: 3,
    retained: 0,
    publishesReceived: 12_345,
    bytesReceived: 0,
    bytesSent: 0,
    refusedConnects: 0,
    protocolErrors: 0,
    failedLogins: 0,
    deniedSubscriptions: 0,
    publishesSent: 7,
    dropped: { slow: 0, expired: 0 },
  },
  bridges: [],
  engine: {
    state: 'running',
    generation: 1,
    restarts: 0,
    failures: [],
    quarantined: [],
    behind: 0,
    now: {
      rules: ['door', 'bell'],
      pings: [],
      watches: [],
      commands: [],
      cursor: 9,
      heldBack: null,
      openRuns: 1,
      stepsUnderWay: 0,
      stepsQueued: 0,
    },
  },
  http: { streams: 0, cutOff: 0 },
  store: {
    events: 9,
    oldestEventAt: null,
    lastEventId: 9,
    cursor: 9,
    runs: { planned: 0, running: 1, done: 5, dead: 0, cancelled: 0, dry: 0 },
    databaseBytes: 2_048,
  },
}

it('shows a hub that is well on one screen', async () => {
  await pretend(WELL)
  const { status: code, out } = await status()
  expect(code).toBe(0)
  expect(out.replace(/\(since .*?\)/, '(since TIME)'))
    .toBe(`hub      vigie 1.2.3, process 4711, up for 1h (since TIME)
broker   1 client connected, 2 sessions, 3 subscriptions, 0 retained messages
         12,345 messages came in, 7 went out
journal  9 events, 2 KiB
engine   running
         0 events behind; 1 open run, 0 steps under way, 0 waiting for a place
rules    2 in force: door, bell
runs     5 done, 0 dead, 0 cancelled
`)
})

it('shows all that is wrong, and fails', async () => {
  await pretend({
    ...WELL,
    health: {
      ok: false,
      conditions: { journal: 'The disk is full.', rules: 'One\nof two lines.', engine: null },
    },
    broker: { ...WELL.broker, dropped: { slow: 3, expired: 0, denied: 1 } },
    engine: {
      ...WELL.engine,
      generation: 3,
      restarts: 2,
      failures: ['rules/a.ts:1: no'],
      quarantined: ['bell'],
      now: { ...WELL.engine.now!, heldBack: 'more than 10,000 steps wait for a place' },
    },
  })
  const { status: code, out } = await status()
  expect(code).toBe(1)
  for (const line of [
    'trouble  journal: The disk is full.',
    '         rules: One',
    '         of two lines.',
    '         dropped: 3 slow, 1 denied',
    'engine   running, number 3 since the start, replaced 2 times after it had died',
    '         evaluates no more events until some of that is done: more than 10,000 steps wait for a place',
    '         "bell" is in quarantine: it ended or blocked the engine; save the rules to try it again',
    '         rules/a.ts:1: no',
  ])
    expect(out).toContain(`${line}\n`)
})

it('fails while the engine does not answer', async () => {
  await pretend({ ...WELL, engine: { ...WELL.engine, behind: null, now: null } })
  expect(await status()).toMatchObject({
    status: 1,
    out: expect.stringContaining('engine   does not answer\n'),
  })
})

it('says what a hub waits for whose rules cannot be read, and fails', async () => {
  const reason = 'There is no rules folder /rules.'
  await pretend({
    ...WELL,
    health: { ok: false, conditions: { journal: null, rules: reason, engine: null } },
    engine: { ...WELL.engine, state: 'waiting', generation: 0, failures: [reason], behind: null, now: null },
  })
  const { status: code, out } = await status()
  expect(code).toBe(1)
  expect(out).toContain(`trouble  rules: ${reason}\n`)
  expect(out).toContain('engine   waiting for the rules; the journal keeps all events for them\n')
})

it('asks the hub that runs; one that was killed says at its next start for how long nobody watched', async () => {
  const rules = join(folder, 'rules')
  mkdirSync(rules)
  writeFileSync(
    join(rules, 'a.ts'),
    `import { rule } from 'vigie'\nexport default rule('a', { on: 'a', do: () => [] })`,
  )
  const first = await startHubProcess(['--data', data, '--rules', rules])
  const { out } = await status('--json')
  expect(JSON.parse(out)).toMatchObject({
    pid: first.pid,
    health: { ok: true },
    engine: {
      state: 'running',
      generation: 1,
      quarantined: [],
      behind: expect.any(Number) as number,
      now: { rules: ['a'] },
    },
  })
  await first.end('SIGKILL')
  expect((await status()).error).toContain(`No hub runs on ${data}.`)

  const second = await startHubProcess(['--data', data, '--rules', rules])
  const gap = /^No hub ran for \S+( \S+)? \(since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\)/
  expect((await second.line(({ msg }) => gap.test(msg))).msg).toMatch(
    /\. The hub before crashed, or was killed\.$/,
  )
})
