// The starter rules on a whole hub, with real devices, processes and pings: what a newcomer sees in the first minutes.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { connectAsync } from 'mqtt'
import type { MqttClient } from 'mqtt'
import { beforeAll, expect, it, onTestFinished } from 'vitest'
import { vigieJson } from '../support/cli.ts'
import { ROOT, startHubProcess, temporaryFolder } from '../support/hub.ts'
import type { HubProcess } from '../support/hub.ts'
import { forAllTests } from '../support/lifetime.ts'
import { watchRuns } from '../support/runs.ts'

const portOf = (server: Server): number => (server.address() as AddressInfo).port

let hub: HubProcess
let data: string
let watched: Server
/** What was heard last on each topic. */
const latest = new Map<string, unknown>()

let client: MqttClient
let ended: Awaited<ReturnType<typeof watchRuns>>['ended']

beforeAll(
  forAllTests(async () => {
    const folder = temporaryFolder()
    const rules = join(folder, 'rules')
    data = join(folder, 'data')
    watched = await listen(0)
    cpSync(join(ROOT, 'rules'), rules, { recursive: true })
    writeFileSync(
      join(rules, 'more-processes.ts'),
      `import { kill, rule } from 'vigie'
export default rule('kill-on-command', {
  on: 'commands/kill/+name',
  when: ({ params }) => params.name === 'vigie-runaway',
  do: ({ params }) => [kill({ name: params.name }, { grace: '200ms' })],
})`,
    )
    writeFileSync(
      join(rules, 'more-pings.ts'),
      `import { alert, down, ping, rule, up } from 'vigie'
export const other = ping('other', { tcp: '127.0.0.1:${portOf(watched)}', every: '100ms', fails: 2, recovers: 1 })
export const lost = rule('lost', { on: down('other'), do: () => [alert({ key: 'other', title: 'lost' })] })
export const found = rule('found', { on: up('other'), do: () => [alert({ key: 'other', title: 'back', resolve: true })] })`,
    )
    hub = await startHubProcess(['--data', data, '--rules', rules])
    ;({ client, ended } = await watchRuns(hub.mqtt))
    client.on('message', (topic, payload) => latest.set(topic, JSON.parse(payload.toString())))
    await client.subscribeAsync(['vigie/alerts/#', 'vigie/ping/#'], { qos: 1 })
  }),
)

/** Takes connections, and ends them at once. */
async function listen(port: number): Promise<Server> {
  const server = createServer((socket) => socket.destroy()).listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

it('misses a device whose connection breaks off, not one that says so itself, and takes it back', async () => {
  const lamp = await connectAsync(`mqtt://127.0.0.1:${hub.mqtt}`, {
    clientId: 'lamp',
    will: { topic: 'devices/lamp/status', payload: Buffer.from('gone'), qos: 1, retain: false },
  })
  await client.publishAsync('devices/other/status', 'gone', { qos: 1 }) // an ordinary publish is no will
  lamp.stream.destroy()
  await ended('device-lost')
  await expect
    .poll(() => latest.get('vigie/alerts/device-lamp'), { timeout: 30_000 })
    .toMatchObject({ state: 'firing', title: 'lamp is lost' })
  expect(latest.has('vigie/alerts/device-other')).toBe(false)

  await client.publishAsync('devices/lamp/status', 'online', { qos: 1 })
  await ended('device-back')
  await expect
    .poll(() => latest.get('vigie/alerts/device-lamp'), { timeout: 30_000 })
    .toMatchObject({ state: 'resolved' })
})

it('ends the processes that may be ended by a message, and no others', async () => {
  const folder = temporaryFolder()
  // A program of this name that keeps a core busy and does not listen to SIGTERM.
  const program = join(folder, 'vigie-runaway')
  copyFileSync('/bin/sh', program)
  const runaway = spawn(program, ['-c', 'trap "" TERM; echo ready; while :; do :; done'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  onTestFinished(() => void runaway.kill('SIGKILL'))
  const gone = once(runaway, 'exit')
  await once(runaway.stdout, 'data')

  await client.publishAsync('commands/kill/sshd', '', { qos: 1 })
  await client.publishAsync('commands/kill/vigie-runaway', '', { qos: 1 })
  expect(await ended('kill-on-command')).toMatchObject({ state: 'done' })
  expect(await gone).toEqual([null, 'SIGKILL'])
  expect(await vigieJson('runs', '--rule', 'kill-on-command', '--data', data)).toHaveLength(1)
})

it('alerts when what it pings goes away, and closes the alert when that is back', async () => {
  await expect.poll(() => latest.get('vigie/ping/other'), { timeout: 30_000 }).toMatchObject({ state: 'up' })
  const port = portOf(watched)
  watched.close()
  await once(watched, 'close')
  await expect
    .poll(() => latest.get('vigie/alerts/other'), { timeout: 30_000 })
    .toMatchObject({ state: 'firing', title: 'lost' })
  const back = await listen(port)
  onTestFinished(() => void back.close())
  await expect
    .poll(() => latest.get('vigie/alerts/other'), { timeout: 30_000 })
    .toMatchObject({ state: 'resolved' })
})
