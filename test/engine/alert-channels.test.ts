// How alerts are told over channels: from the rule that raises one to the request at the service.
//
// Covers `src/actions/notify.ts`, `src/engine/alerts/alert-book.ts`.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { pushover } from '../../src/channels/pushover.ts'
import { webhook } from '../../src/channels/webhook.ts'
import { NO_ALERT_SETTINGS } from '../../src/model/alert-settings.ts'
import type { AlertSettings } from '../../src/model/alert-settings.ts'
import { secret } from '../../src/rules/authoring/actions/secret.ts'
import { fakeService } from '../channels/fake-service.ts'
import { SmallHub } from './small-hub.ts'

const RULES = `
  import { alert, rule } from 'vigie'
  export const raise = rule('raise', {
    on: 'door/open', mode: 'single', do: () => [alert({ key: 'door', title: 'The door is open' })],
  })
  export const close = rule('close', {
    on: 'door/closed', do: () => [alert({ key: 'door', title: 'The door is closed', resolve: true })],
  })`

let hub: SmallHub
beforeEach(() => {
  hub = new SmallHub({ 'door.ts': RULES })
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await hub.remove()
})

/** A receiver that is not up yet, on an address that is known. */
async function phone(status = 200) {
  const bodies: Notified[] = []
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = await request.toArray()
    bodies.push(JSON.parse(Buffer.concat(chunks).toString()) as Notified)
    response.writeHead(status).end()
  }
  const server = createServer((request, response) => void take(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const down = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  const up = async (): Promise<void> => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  onTestFinished(down)
  const alerts: AlertSettings = {
    ...NO_ALERT_SETTINGS,
    channels: { phone: webhook({ url: `http://127.0.0.1:${port}/` }) },
    retry: { attempts: 10_000, minMs: 20, maxMs: 50 },
  }
  const told = (): string[] => bodies.map(({ occasion, title }) => `${occasion}: ${title}`)
  return { bodies, told, alerts, up, down }
}

interface Notified {
  readonly occasion: string
  readonly title: string
}

const ends = (): number => hub.published.filter(({ topic }) => topic === 'vigie/runs/@alerts').length
const state = (of: string) => hub.message('vigie/alerts/door', (report) => report['state'] === of)

test('a channel is told in words, and the rule that raised the alert does not wait for it', async () => {
  const { told, alerts } = await phone()
  await hub.start({ alerts })
  const { run } = await hub.runOf('raise', await hub.send('door/open'))
  expect(run.state).toBe('done')
  await hub.message('vigie/runs/@alerts')
  expect(told()).toEqual(['news: The door is open'])
  expect(await hub.message('vigie/alerts/door')).toMatchObject({
    key: 'door',
    state: 'firing',
    count: 1,
    rule: 'raise',
    cause: { topic: 'door/open' },
  })
  expect((await hub.engine.status()).now?.rules).toEqual(['close', 'raise'])
  await hub.send('door/closed')
  await state('resolved')
  await hub.until(() => (ends() === 2 ? true : undefined))
  expect(told()[1]).toMatch(/^resolved: Resolved, after .*: The door is closed$/)
})

test('what came and went while nobody could be told is not told; what goes on is told when the line is up', async () => {
  const { told, alerts, down, up } = await phone()
  await down()
  await hub.start({ alerts })
  for (let time = 1; time <= 3; time++) {
    await hub.runOf('raise', await hub.send('door/open'))
    await hub.runOf('close', await hub.send('door/closed'))
  }
  await state('resolved')
  await hub.runOf('raise', await hub.send('door/open'))
  await up()
  await hub.until(() => (told().length > 0 ? true : undefined))
  await hub.message('vigie/runs/@alerts')
  expect(told()).toEqual(['news: The door is open'])
})

test('a channel that refuses is given up at once, and an alert says so; it is resolved by the next success', async () => {
  const { alerts } = await phone(404)
  await hub.start({ alerts })
  await hub.send('door/open')
  expect(await hub.message('vigie/runs/@alerts')).toMatchObject({
    state: 'dead',
    steps: [{ attempts: 1, reason: expect.stringMatching(/^the alert channel "phone": /) }],
  })
  expect(await hub.message('vigie/alerts/channels/phone')).toMatchObject({
    state: 'firing',
    severity: 'critical',
    title: 'The alert channel "phone" fails',
    labels: { channel: 'phone' },
  })
})

test('the key of an alert that is silenced is told to nobody, and the answer says until when', async () => {
  const { told, alerts } = await phone()
  await hub.start({ alerts })
  await hub.send('vigie/commands/alerts/door/silence', '{"for":"1h"}')
  expect(await hub.message('vigie/commands/alerts/door/silence/result')).toMatchObject({
    ok: true,
    silence: { name: 'door' },
  })
  await hub.runOf('raise', await hub.send('door/open'))
  expect(await state('silenced')).toMatchObject({
    silencedBy: expect.stringMatching(/^the silence "door" of /),
  })
  await hub.send('vigie/commands/alerts/door/akc')
  expect(await hub.message('vigie/commands/alerts/door/akc/result')).toEqual({
    ok: false,
    reason: 'nobody can "akc" an alert (did you mean ack?)',
  })
  expect(told()).toEqual([])
})

test('an alert says which user has acknowledged it, by the client that gave the command', async () => {
  const { alerts } = await phone()
  await hub.start({ alerts })
  await hub.send('vigie/clients/test', { state: 'online', user: 'anna' }, { origin: 'hub', client: null })
  await hub.send('door/open')
  await hub.message('vigie/alerts/door')
  await hub.send('vigie/commands/alerts/door/ack')
  expect(await state('acknowledged')).toMatchObject({ acknowledgedBy: 'client "test", user "anna"' })
})

test('a receipt of Pushover comes back as an acknowledgement, also to an engine that begins later', async () => {
  const acknowledgement = { status: 1, acknowledged: 1, acknowledged_by_device: 'iphone' }
  const { url } = await fakeService(({ line }) => ({
    status: 200,
    body: line.startsWith('GET') ? acknowledgement : { status: 1, receipt: 'r1', request: 'q' },
  }))
  vi.stubEnv('PUSHOVER', 't0ken')
  const token = secret('PUSHOVER')
  const alerts = { ...NO_ALERT_SETTINGS, channels: { phone: pushover({ token, user: token, server: url }) } }
  hub.write({ 'door.ts': RULES.replace("title: 'The door is open'", "title: 'Open', severity: 'critical'") })
  await hub.start({ alerts })
  await hub.send('door/open')
  await hub.message('vigie/runs/@alerts')
  await hub.stop()
  await hub.start({ alerts })
  expect(await state('acknowledged')).toMatchObject({
    acknowledgedBy: 'the channel "phone", iphone (the hub)',
  })
})
