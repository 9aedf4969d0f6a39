// Real devices come and go in every way that there is, and `vigie clients` tells of each.
//
// Covers `src/cli/commands/clients.ts`, `src/cli/frame/confirm.ts`, `src/http/api/clients.ts`, `src/model/client.ts`,
// `src/broker/clients/session-status.ts`.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { connectAsync, type MqttClient } from 'mqtt'
import { expect, it, onTestFinished, vi } from 'vitest'
import type { ClientStatus } from '../../../src/model/client.ts'
import { ROOT, startHubProcess, temporaryFolder } from '../../support/hub.ts'
import { runCommand } from '../../support/terminal.ts'

vi.setConfig({ testTimeout: 120_000 })

const typed = (text: string) => () => Object.assign(new PassThrough().end(`${text}\n`), { isTTY: true })

/** A device that is a process of its own, so that it can vanish. */
async function spawnDevice(port: number, clientId: string) {
  const script = `
    const { connect } = await import('mqtt')
    const client = connect({ host: '127.0.0.1', port: ${port}, clientId: '${clientId}' })
    client.on('connect', () => console.log('here'))`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return child
}

/** A client that says CONNECT with a keep alive of a second, and then nothing more. */
async function connectSilently(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.write(Buffer.from('101000044d5154540402000100046d757465', 'hex'))
  await once(socket, 'data')
}

async function begin() {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'rules'))
  const hub = await startHubProcess(['--data', join(folder, 'data'), '--rules', join(folder, 'rules')])
  const clients = (args: string[] = [], input = typed('n')) =>
    runCommand(['clients', ...args], { cwd: folder, input })
  const statusOf = async (id: string): Promise<ClientStatus> =>
    JSON.parse((await clients(['show', id, '--json'])).out) as ClientStatus
  return { folder, port: hub.mqtt, clients, statusOf }
}

it('tells how each client left: goodbye, take-over, a killed process, and a keep alive that ran out', async () => {
  const { port, clients, statusOf } = await begin()
  const polite = await connectAsync({ port, clientId: 'polite' })
  const twin = await connectAsync({ port, clientId: 'twin', reconnectPeriod: 0 })
  const victim = await spawnDevice(port, 'victim')
  await connectSilently(port)
  const watcher = await connectAsync({ port, clientId: 'watcher' })
  onTestFinished(() => watcher.endAsync(true))
  const departures: unknown[] = []
  watcher.on('message', (_topic, payload, { retain }) => {
    const { client, state, reason } = JSON.parse(payload.toString()) as ClientStatus
    if (!retain && state === 'offline') departures.push([client, reason])
  })
  await watcher.subscribeAsync('vigie/clients/+', { qos: 1 })

  await polite.endAsync()
  const second = await connectAsync({ port, clientId: 'twin' })
  onTestFinished(() => second.endAsync(true))
  await twin.endAsync(true)
  victim.kill('SIGKILL')
  await vi.waitFor(() => expect(departures).toHaveLength(4), { timeout: 20_000, interval: 50 })
  expect(departures).toEqual(
    expect.arrayContaining([
      ['polite', 'clean'],
      ['twin', 'takeover'],
      ['victim', 'socket'],
      ['mute', 'keepalive'],
    ]),
  )

  await second.publishAsync('here/i/am', '1', { qos: 1 })
  expect(await statusOf('twin')).toMatchObject({
    state: 'online',
    reason: null,
    user: null,
    protocol: '3.1.1',
    publishedAt: expect.any(Number) as number,
    session: { subscriptions: [], queued: 0, expirySeconds: 0 },
  })
  expect(await statusOf('victim')).toMatchObject({ state: 'offline', reason: 'socket', session: null })
  const { out } = await clients()
  expect(out.trim().split('\n')).toHaveLength(5)
  expect(out).toMatch(/offline mute .* \(keepalive\), 127\.0\.0\.1, MQTT 3\.1\.1$/m)
  expect(out).toMatch(/online {2}watcher .*MQTT 3\.1\.1, 1 subscription, 0 queued$/m)
  expect((await clients(['--state', 'offline', '--json'])).out.trim().split('\n')).toHaveLength(3)
})

it('shows one client with its subscriptions and what waits for it', async () => {
  const { port, clients } = await begin()
  const options = { port, clientId: 'a/b', protocolVersion: 5, clean: false } as const
  const away = await connectAsync({ ...options, properties: { sessionExpiryInterval: 3_600 } })
  await away.subscribeAsync('jobs/+', { qos: 1 })
  await away.endAsync()
  const other = await connectAsync({ port, clientId: 'other' })
  onTestFinished(() => other.endAsync(true))
  await other.publishAsync('jobs/1', 'x', { qos: 1 })
  await other.publishAsync('jobs/2', 'x', { qos: 1 })
  const { out } = await clients(['show', 'a/b'])
  expect(out).toMatch(/^client +a\/b\nstate +offline \(clean\)\nsince /)
  expect(out).toMatch(/session +2 queued, ends 1h after the connection\nsubscription +jobs\/\+ \(QoS 1\)\n$/)
  expect(await clients(['show', 'nobody'])).toMatchObject({
    status: 1,
    error: 'vigie: The hub knows of no client "nobody".\n',
  })
})

it('disconnects a client once that is confirmed, tells it why, and keeps who asked', async () => {
  const { folder, port, clients, statusOf } = await begin()
  const options = { port, clientId: 'noisy', protocolVersion: 5, reconnectPeriod: 0 } as const
  const noisy: MqttClient = await connectAsync(options)
  const told = new Promise(
    (resolve) => void noisy.once('disconnect', ({ reasonCode }) => resolve(reasonCode)),
  )

  expect(await clients(['kick', 'noisy'])).toEqual({
    status: 1,
    out: '',
    error: 'Disconnect noisy? [y/N] Nobody was disconnected.\n',
  })
  const nobody = () => Object.assign(new PassThrough().end(), { isTTY: false })
  expect((await clients(['kick', 'noisy'], nobody)).error).toContain('Add --yes to do so.')
  expect((await statusOf('noisy')).state).toBe('online')

  const { status, out } = await clients(['kick', 'noisy'], typed('y'))
  expect([status, out]).toEqual([0, expect.stringMatching(/^Disconnected noisy \(event #\d+\)\.\n$/)])
  expect(await told).toBe(0x98)
  expect(await statusOf('noisy')).toMatchObject({ state: 'offline', reason: 'kicked' })
  const history = await runCommand(['history', 'vigie/hub/kicked', '--json'], { cwd: folder })
  expect(JSON.parse(history.out)).toMatchObject({
    origin: 'http',
    payload: { client: 'noisy', address: '127.0.0.1', by: expect.stringMatching(/./) as string },
  })
  expect(await clients(['kick', 'noisy', '--yes'])).toMatchObject({
    status: 1,
    error: 'vigie: The client "noisy" is not connected.\n',
  })
})

it.each([
  [['drop', 'a'], '"vigie clients" knows "show" and "kick", not "drop".'],
  [['kick'], 'Name the client: vigie clients kick ID.'],
])('refuses %j with a sentence', async (args, sentence) => {
  expect((await runCommand(['clients', ...args], { cwd: temporaryFolder() })).error).toContain(sentence)
})
