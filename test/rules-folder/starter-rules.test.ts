// The starter rules on a whole hub, with real devices, processes and pings: what a newcomer sees in the first minutes.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import { expect, it, onTestFinished } from 'vitest'
import { vigieJson } from '../support/cli.ts'
import { ROOT, startHubProcess, temporaryFolder } from '../support/hub.ts'
import { watchRuns } from '../support/runs.ts'

/** A hub on the starter rules (and others, by name and text), and what is retained under a topic filter. */
async function startStarter(more: Readonly<Record<string, string>> = {}) {
  const folder = temporaryFolder()
  const [rules, data] = [join(folder, 'rules'), join(folder, 'data')]
  cpSync(join(ROOT, 'rules'), rules, { recursive: true })
  for (const [name, text] of Object.entries(more)) writeFileSync(join(rules, name), text)
  const hub = await startHubProcess(['--data', data, '--rules', rules])
  const runs = await watchRuns(hub.mqtt)
  const latest = new Map<string, unknown>()
  runs.client.on('message', (topic, payload) => latest.set(topic, JSON.parse(payload.toString())))
  return { hub, data, ...runs, latest }
}

it('misses a device whose connection breaks off, not one that says so itself, and takes it back', async () => {
  const { hub, client, ended, latest } = await startStarter()
  await client.subscribeAsync('vigie/alerts/#', { qos: 1 })
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
  const { client, ended, data } = await startStarter({
    'processes.ts': `import { kill, rule } from 'vigie'
export default rule('kill-on-command', {
  on: 'commands/kill/+name',
  when: ({ params }) => params.name === 'vigie-runaway',
  do: ({ params }) => [kill({ name: params.name }, { grace: '200ms' })],
})`,
  })
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
  const watched = await startHubProcess(['--data', temporaryFolder(), '--rules', temporaryFolder()])
  const { client, latest } = await startStarter({
    'pings.ts': `import { alert, down, ping, rule, up } from 'vigie'
export const other = ping('other', { tcp: '127.0.0.1:${watched.mqtt}', every: '100ms', fails: 2, recovers: 1 })
export const lost = rule('lost', { on: down('other'), do: () => [alert({ key: 'other', title: 'lost' })] })
export const found = rule('found', { on: up('other'), do: () => [alert({ key: 'other', title: 'back', resolve: true })] })`,
  })
  await client.subscribeAsync(['vigie/alerts/#', 'vigie/ping/#'], { qos: 1 })
  await expect.poll(() => latest.get('vigie/ping/other'), { timeout: 30_000 }).toMatchObject({ state: 'up' })
  await watched.end('SIGKILL')
  await expect
    .poll(() => latest.get('vigie/alerts/other'), { timeout: 30_000 })
    .toMatchObject({ state: 'firing', title: 'lost' })
  await startHubProcess([
    '--data',
    temporaryFolder(),
    '--rules',
    temporaryFolder(),
    '--mqtt',
    String(watched.mqtt),
  ])
  await expect
    .poll(() => latest.get('vigie/alerts/other'), { timeout: 30_000 })
    .toMatchObject({ state: 'resolved' })
})
