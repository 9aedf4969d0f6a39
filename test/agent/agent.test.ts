// Covers `src/agent/line.ts`, `src/agent/probes.ts`, `src/engine/hosts/hosts.ts`,
// `src/actions/on-host.ts` and `src/cli/commands/agent.ts`. A real hub and a real agent: what runs on another
// machine is seen, told and ended as if it ran on the hub's.

import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { EngineAtWork, HubStatus } from '../../src/model/hub-status.ts'
import type { PingReport } from '../../src/model/probe.ts'
import type { Run, Step } from '../../src/model/run.ts'
import { vigie } from '../support/cli.ts'
import { temporaryFolder } from '../support/hub.ts'
import type { HubProcess } from '../support/hub.ts'
import { forAllTests } from '../support/lifetime.ts'
import { api, clientOf, door, hubWith, listener, runaway, startAgent, startHub, until } from './running.ts'
import type { VigieProcess, HubPlace } from './running.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

type Runs = readonly Run[]
type WholeRun = Run & { readonly steps: readonly Step[] }

const runOf = (hub: HubProcess, rule: string) =>
  until(async () => {
    const [run] = await api<Runs>(hub, `/api/runs?rule=${rule}`)
    return run?.endedAt ? api<WholeRun>(hub, `/api/runs/${run.id}`) : undefined
  })

const engineOf = async (hub: HubProcess): Promise<EngineAtWork> =>
  (await api<HubStatus>(hub, '/api/status')).engine.now!

describe('a hub and an agent', () => {
  const WORD = `vigie-agent-${randomUUID()}`
  const process = String.raw`process: { commandLine: /${WORD}/ }`
  let place: HubPlace
  let hub: HubProcess
  let agent: VigieProcess
  let port: Awaited<ReturnType<typeof door>>
  let runs: ReturnType<typeof runaway>

  beforeAll(
    forAllTests(async () => {
      port = await door()
      runs = runaway(WORD)
      place = hubWith(`
        const { alert, command, down, host, kill, ping, renice, restart, rule, shell, up, watch } = vigie
        export const nas = host('nas', { severity: 'critical' })
        export const smb = ping('smb', { tcp: '127.0.0.1:${port.port}', every: '200ms', fails: 2, recovers: 1, on: nas })
        export const check = ping('check', { command: ['/bin/false'], on: nas })
        export const lost = rule('lost', { on: down(smb), do: () => alert({ key: 'smb', title: 'gone' }) })
        export const found = rule('found', { on: up(smb), do: () => alert({ key: 'smb', title: 'back', resolve: true }) })
        export const seen = watch('seen', { on: nas, ${process}, age: { above: '1ms' }, do: ({ process }) => [renice(process, 1)] })
        export const stop = command('stop', { target: seen, allow: ['kill', 'list', 'renice'], users: ['anna'] })
        const self = { identity: { boot: 'another', pid: 1, startTicks: 1 }, name: 'x', host: 'nas' }
        export const late = rule('late', {
          on: 'late',
          do: ({ payload }) => kill({ ...payload, pid: payload.identity.pid, host: 'nas' }),
        })
        export const echo = rule('echo', { on: 'echo', do: ({ payload }) => shell({ on: nas })\`/bin/echo \${payload}\` })
        export const other = rule('other', { on: 'other', do: () => shell({ on: nas })\`/bin/date\` })
        export const away = rule('away', { on: 'away', do: () => shell({ on: host('attic'), timeout: '1s' })\`/bin/echo x\` })
        export const wrong = rule('wrong', { on: 'wrong', do: ({ payload }) => kill({ ...payload, host: 'nas' }, { on: host('attic') }) })
      `)
      hub = await startHub(place)
      agent = startAgent([
        '--hub',
        `mqtt://127.0.0.1:${hub.mqtt}`,
        '--name',
        'nas',
        '--data',
        temporaryFolder(),
        '--allow',
        'kill',
        '--run',
        '/bin/echo',
      ])
      await agent.says('run for "nas"')
    }),
  )

  it('tells the state of a ping, its flips and what the agent refuses', async () => {
    const { heard } = await listener(hub.mqtt, 'vigie/ping/smb')
    await until(() => heard.some(({ payload: { state } }) => state === 'up'))
    await port.close()
    expect((await runOf(hub, 'lost')).steps[0]?.outcome).toMatchObject({ kind: 'done' })
    await port.open()
    await runOf(hub, 'found')
    expect(heard.map(({ payload: { state, previous } }) => [state, previous])).toEqual([
      ['up', 'unknown'],
      ['down', 'up'],
      ['up', 'down'],
    ])
    expect((await engineOf(hub)).pings).toMatchObject([
      {
        name: 'check',
        host: 'nas',
        state: 'unknown',
        isUnable: true,
        reason: expect.stringContaining('--run'),
      },
      { name: 'smb', host: 'nas', state: 'up', isUnable: false },
    ])
    const { stdout, exitCode } = await vigie('pings', ...place.args.slice(0, 2), ...place.args.slice(4))
    expect(stdout).toMatch(/^check \(command\) on nas +unknown .*was started without --run "\/bin\/false"$/m)
    expect(stdout).toMatch(/^smb \(tcp\) on nas +up/m)
    expect(exitCode).toBe(1)
  })

  it('refuses what it was not started for, and says with which option it would do it', async () => {
    const { state, steps } = await runOf(hub, 'seen')
    expect(state).toBe('dead')
    expect(steps[0]?.spec).toMatchObject({ kind: 'renice', host: 'nas' })
    expect(steps[0]?.outcome).toMatchObject({
      kind: 'give-up',
      reason: 'the agent does not renice: it was started without --allow renice',
    })
    const client = await clientOf(hub.mqtt)
    await client.publishAsync('other', '', { qos: 1 })
    expect((await runOf(hub, 'other')).steps[0]?.outcome).toMatchObject({
      reason: 'the agent does not run "/bin/date": it was started without --run "/bin/date"',
    })
  })

  it('runs a program that it may run', async () => {
    const client = await clientOf(hub.mqtt)
    await client.publishAsync('echo', 'a b', { qos: 1 })
    expect((await runOf(hub, 'echo')).steps[0]?.outcome).toMatchObject({
      kind: 'done',
      result: { exitCode: 0, stdout: 'a b\n' },
    })
  })

  it('touches no process that has the pid of the one that was meant', async () => {
    const table = await api<{ watches: { processes: { identity: object; name: string }[] }[] }>(
      hub,
      '/api/processes',
    )
    const { identity, name } = table.watches[0]!.processes[0]!
    expect(identity).toMatchObject({ pid: runs.pid })
    const client = await clientOf(hub.mqtt)
    for (const other of [{ boot: 'another' }, { startTicks: 1 }])
      await client.publishAsync('late', JSON.stringify({ name, identity: { ...identity, ...other } }), {
        qos: 1,
      })
    const ended = await until(async () => {
      const all = await api<Runs>(hub, '/api/runs?rule=late')
      return all.length === 2 && all.every(({ endedAt }) => endedAt) && all
    })
    for (const { id } of ended)
      expect((await api<WholeRun>(hub, `/api/runs/${id}`)).steps[0]?.outcome).toMatchObject({
        kind: 'done',
        result: { processes: [{ how: 'gone' }] },
      })
    expect((await api<Runs>(hub, '/api/processes')) as unknown).toMatchObject({ watches: [{ count: 1 }] })
  })

  it('says of a machine without an agent that it is not there', async () => {
    const client = await clientOf(hub.mqtt)
    await client.publishAsync('away', '', { qos: 1 })
    expect((await runOf(hub, 'away')).steps[0]?.outcome).toMatchObject({
      reason: 'the agent of "attic" is not connected: it has not been here yet (timed out after 1s)',
    })
  })

  it('lists the processes with `vigie ps`, and ends a runaway one with `vigie kill`', async () => {
    const where = [...place.args.slice(0, 2), ...place.args.slice(4)]
    const { stdout } = await vigie('ps', ...where)
    expect(stdout).toContain('seen on nas: 1 process')
    expect(stdout).toContain(WORD)
    const { stdout: said, exitCode } = await vigie('kill', 'seen', ...where)
    expect([said, exitCode]).toEqual([expect.stringContaining(`(${runs.pid}) ended`), 0])
    expect(await runs.ended).toBe('SIGTERM')
  })
})

/** The recorded messages on a topic, oldest first. */
const history = async (hub: HubProcess, topic: string) =>
  (
    await api<readonly { readonly id: number; readonly payload: never }[]>(
      hub,
      `/api/events?filter=${encodeURIComponent(topic)}&limit=500`,
    )
  ).toSorted((a, b) => a.id - b.id)

const SMB = (port: number): string => `
  const { alert, down, host, ping, rule, up } = vigie
  export const smb = ping('smb', { tcp: '127.0.0.1:${port}', every: '100ms', fails: 1, recovers: 1, flapping: false, on: host('nas') })
  export const lost = rule('lost', { on: down(smb), do: () => alert({ key: 'smb', title: 'gone' }) })`

const statesOf = async (hub: HubProcess) =>
  (await history(hub, 'vigie/ping/smb')).map(({ payload }) => {
    const { state, previous } = payload as PingReport
    return `${previous} → ${state}`
  })

it('tells once that a killed agent is gone, and goes on where it was', async () => {
  const { port } = await door()
  const place = hubWith(SMB(port))
  const hub = await startHub(place)
  const args = ['--hub', `mqtt://127.0.0.1:${hub.mqtt}`, '--name', 'nas', '--data', temporaryFolder()]
  const agent = startAgent(args)
  const { heard } = await listener(hub.mqtt, 'vigie/#')
  const on = (topic: string) =>
    heard.filter((each) => each.topic === topic).map(({ payload }) => payload as { state: string })
  const stateOf = (topic: string) => on(topic).at(-1)?.state
  await until(() => stateOf('vigie/ping/smb') === 'up')
  await agent.end('SIGKILL')
  await until(() => stateOf('vigie/alerts/host-nas') === 'firing')
  await until(() => stateOf('vigie/ping/smb') === 'unknown')
  expect(on('vigie/alerts/host-nas').at(-1)).toMatchObject({
    title: 'The agent of nas is gone',
    body: 'The connection to it was lost. Until it is back, nothing is known of its 1 ping.',
  })
  expect((await engineOf(hub)).pings).toMatchObject([
    {
      state: 'unknown',
      isUnable: true,
      reason: 'the agent of "nas" is not connected: the connection to it was lost',
    },
  ])
  startAgent(args)
  await until(() => stateOf('vigie/alerts/host-nas') === 'resolved')
  await until(() => stateOf('vigie/ping/smb') === 'up')
  expect(on('vigie/alerts/host-nas').map(({ state }) => state)).toEqual(['firing', 'resolved'])
  expect(await statesOf(hub)).toEqual(['unknown → up', 'up → unknown', 'up → up'])
})

it('keeps what happens while the hub is killed, and tells it in order and once', async () => {
  const smb = await door()
  const place = hubWith(SMB(smb.port))
  let hub = await startHub(place)
  const args = ['--hub', `mqtt://127.0.0.1:${hub.mqtt}`, '--name', 'nas', '--data', temporaryFolder()]
  let agent = startAgent(args)
  await until(async () => (await engineOf(hub)).pings[0]?.state === 'up')
  await hub.end('SIGKILL')
  await agent.says('ended')
  // Each flip is waited for in the store of the agent itself: nobody else knows of it.
  const flips = async (): Promise<void> => {
    await smb.close()
    await new Promise((resolve) => setTimeout(resolve, 400))
    await smb.open()
    await new Promise((resolve) => setTimeout(resolve, 400))
  }
  await flips()
  await agent.end('SIGKILL')
  agent = startAgent(args)
  await agent.says('cannot be told')
  await flips()
  hub = await startHub(place, ['--mqtt', String(hub.mqtt)])
  await agent.says('is told of')
  await until(async () => (await statesOf(hub)).filter((each) => each === 'up → down').length === 2)
  await until(async () => (await engineOf(hub)).pings[0]?.state === 'up')
  const states = await statesOf(hub)
  expect(states.filter((each) => each === 'up → down' || each === 'down → up')).toEqual([
    'up → down',
    'down → up',
    'up → down',
    'down → up',
  ])
  const said = await history(hub, 'vigie/hosts/nas/said')
  const numbers = said.map(({ payload: { n } }) => n as number)
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
  expect(await api<Runs>(hub, '/api/runs?rule=lost')).toHaveLength(2)
})

it('carries out once what a hub has ordered that is killed before the answer, and answers the next one', async () => {
  const folder = temporaryFolder()
  const script = `require('fs').appendFileSync('${folder}/log', 'x'); setTimeout(() => console.log('done'), 1000)`
  const place = hubWith(`
    const { host, rule, shell } = vigie
    export const once = rule('once', {
      on: 'once',
      do: () => shell({ on: host('nas'), timeout: '1m' })\`${globalThis.process.execPath} -e \${${JSON.stringify(script)}}\`,
    })`)
  let hub = await startHub(place)
  const agent = startAgent([
    '--hub',
    `mqtt://127.0.0.1:${hub.mqtt}`,
    '--name',
    'nas',
    '--data',
    temporaryFolder(),
    '--run',
    globalThis.process.execPath,
  ])
  await agent.says('is told of')
  const client = await clientOf(hub.mqtt)
  await client.publishAsync('once', '', { qos: 1 })
  await until(() => existsSync(`${folder}/log`))
  await hub.end('SIGKILL')
  await agent.says('ordered shell: done')
  hub = await startHub(place, ['--mqtt', String(hub.mqtt)])
  expect((await runOf(hub, 'once')).steps[0]?.outcome).toMatchObject({
    kind: 'done',
    result: { stdout: 'done\n' },
  })
  expect(readFileSync(`${folder}/log`, 'utf8')).toBe('x')
})
