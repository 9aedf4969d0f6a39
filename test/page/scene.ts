// A hub at work, for the tests of the page's views and for its pictures: rules that fire and that do not, runs
// that are done and that are dead, clients that are here and that are lost, pings, a watch, alerts.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import mqtt, { type MqttClient } from 'mqtt'
import type { WatchedProcesses } from '../../src/model/watch.ts'
import { type HubProcess, startHubProcess, temporaryFolder } from '../support/hub.ts'
import { whenOver } from '../support/lifetime.ts'

export interface Scene {
  readonly hub: HubProcess
  /** The address of a view. */
  at(this: void, path: string): string
  /** What the HTTP API answers. */
  api<T>(this: void, path: string): Promise<T>
  /** Publishes at QoS 1; resolves when the hub has acknowledged it. */
  publish(this: void, topic: string, payload: string, retain?: boolean): Promise<unknown>
}

const rules = (port: number): string => `
import { alert, ping, rule, shell, watch, webhook } from 'vigie'

export const door = rule('door', {
  on: 'doors/+name',
  when: ({ payload }) => payload === 'open',
  do: ({ params }) => [shell\`echo The door \${params.name} is open.\`],
})
export const battery = rule('battery-low', {
  on: 'sensors/+id/battery',
  when: ({ payload }) => Number(payload) < 20,
  do: ({ params, payload }) => [
    alert({
      key: \`battery/\${params.id}\`,
      title: \`The battery of \${params.id} is at \${payload} %\`,
      body: 'It lasts for about two more days.',
      severity: 'warning',
      labels: { room: 'kitchen' },
    }),
  ],
})
export const invoice = rule('send-invoice', {
  on: 'shop/orders',
  do: () => [webhook('http://127.0.0.1:1/invoices', { retry: { attempts: 2, min: '10ms', max: '10ms' } })],
})
export const note = rule('note', {
  on: 'notes/+name',
  do: ({ payload }) => [shell\`echo first\`, shell\`echo \${payload}\`],
})
export const backup = rule('backup', {
  on: 'jobs/backup',
  do: () => [shell\`sleep 3600\`],
})
export const nas = ping('nas', { tcp: '127.0.0.1:${port}', every: '1s', fails: 1, recovers: 1 })
export const printer = ping('printer', { tcp: '127.0.0.1:1', every: '1s', fails: 1, recovers: 1 })
export const sleepers = watch('sleepers', {
  process: { commandLine: /^sleep 86411$/ },
  age: { above: '100ms' },
  do: () => [],
})
`

const BROKEN = `import { rule } from 'vigie'

export default rule('lamp', {
  on: 'lamps/#/state',
  do: () => [],
})
`

const CONFIG = `
import { defineConfig } from 'vigie'
import { command } from 'vigie/channels'

export default defineConfig({ alerts: { channels: { phone: command({ argv: ['true'] }) } } })
`

export async function startScene(): Promise<Scene> {
  const folder = temporaryFolder()
  const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  whenOver(() => void server.close())
  mkdirSync(join(folder, 'rules'))
  writeFileSync(join(folder, 'rules', 'house.ts'), rules((server.address() as AddressInfo).port))
  writeFileSync(join(folder, 'rules', 'lamp.ts'), BROKEN)
  writeFileSync(join(folder, 'vigie.config.ts'), CONFIG)
  beginSleeper()
  const hub = await startHubProcess([
    '--config',
    join(folder, 'vigie.config.ts'),
    '--data',
    join(folder, 'data'),
    '--rules',
    join(folder, 'rules'),
  ])
  const api = async <T>(path: string): Promise<T> =>
    (await (await fetch(`http://127.0.0.1:${hub.http}${path}`)).json()) as T
  const house = await connect(hub, 'house')
  const publish = (topic: string, payload: string, retain = false) =>
    house.publishAsync(topic, payload, { qos: 1, retain })
  const scene: Scene = { hub, at: (path) => `http://127.0.0.1:${hub.http}${path}`, api, publish }
  await live(scene)
  return scene
}

/** What happens in the scene. */
async function live({ hub, publish, api }: Scene): Promise<void> {
  const lost = await connect(hub, 'garden-sensor')
  await lost.subscribeAsync('garden/#', { qos: 1 })
  lost.stream.destroy()
  lost.end(true)
  const dashboard = await connect(hub, 'dashboard')
  await dashboard.subscribeAsync(['doors/+', 'sensors/#'], { qos: 1 })
  for (const state of ['closed', 'open', 'closed', 'closed']) await publish('doors/front', state)
  for (const [id, level] of [
    ['cellar', '81'],
    ['attic', '12'],
  ] as const)
    await publish(`sensors/${id}/battery`, level, true)
  for (let order = 1; order <= 3; order++)
    await publish('shop/orders', JSON.stringify({ order, sum: 12.5 * order }))
  const isHeld = async (): Promise<boolean> =>
    (await api<WatchedProcesses>('/api/processes')).watches.some(({ processes }) =>
      processes.some(({ heldMs }) => heldMs !== null),
    )
  await until(async () => {
    const { store, engine } = await api<Status>('/api/status')
    const states = engine.now?.pings.map(({ state }) => state) ?? []
    return store.runs.dead === 3 && (await isHeld()) && states.includes('up') && states.includes('down')
  })
  await until(async () => (await api<readonly object[]>('/api/alerts')).length > 0)
}

interface Status {
  readonly store: { readonly runs: { readonly dead: number } }
  readonly engine: { readonly now: { readonly pings: readonly { readonly state: string }[] } | null }
}

/** Looks again and again, for what the hub does in its own time. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 50))
}

async function connect(hub: HubProcess, clientId: string): Promise<MqttClient> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${hub.mqtt}`, {
    clientId,
    protocolVersion: 5,
    properties: { sessionExpiryInterval: 3_600 },
    reconnectPeriod: 0,
  })
  whenOver(() => client.endAsync(true))
  return client
}

function beginSleeper(): ChildProcess {
  const child = spawn('sleep', ['86411'], { stdio: 'ignore' })
  whenOver(() => child.kill('SIGKILL'))
  return child
}

interface ViewOfScene {
  readonly path: (scene: Scene) => Promise<string> | string
  /** A text that is there when the view is. */
  readonly shows: string | RegExp
}

const runOf = async ({ api }: Scene, rule: string): Promise<string> => {
  const [run] = await api<readonly { readonly id: number }[]>(`/api/runs?rule=${rule}&limit=1`)
  return `/runs/${run?.id}`
}
const eventOf = async ({ api }: Scene, filter: string): Promise<string> => {
  const query = new URLSearchParams({ filter, limit: '1' }).toString()
  const [event] = await api<readonly { readonly id: number }[]>(`/api/events?${query}`)
  return `/events/${event?.id}`
}

/** Every view, with what it shows of the scene. */
export const VIEWS: Readonly<Record<string, ViewOfScene>> = {
  overview: { path: () => '/', shows: /things are wrong/ },
  history: { path: () => '/history', shows: 'doors/front' },
  event: { path: (scene) => eventOf(scene, 'shop/orders'), shows: /attempts|send-invoice/ },
  rules: { path: () => '/rules', shows: 'battery-low' },
  rule: { path: () => '/rules/door', shows: /said no 3 times/ },
  runs: { path: () => '/runs', shows: 'send-invoice' },
  'dead runs': { path: () => '/runs?state=dead', shows: '3 dead runs' },
  run: { path: (scene) => runOf(scene, 'send-invoice'), shows: '2 attempts' },
  clients: { path: () => '/clients', shows: 'the connection broke' },
  client: { path: () => '/clients/dashboard', shows: 'sensors/#' },
  pings: { path: () => '/pings', shows: 'printer' },
  ping: { path: () => '/pings/nas', shows: 'Latency' },
  processes: { path: () => '/processes', shows: 'sleep 86411' },
  alerts: { path: () => '/alerts', shows: 'The battery of attic is at 12 %' },
  alert: { path: () => '/alerts/battery%2Fattic', shows: 'phone' },
}
