// Covers `src/secrets/push-subscriptions.ts` beside the channel.

import { createECDH } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { expect, it, onTestFinished } from 'vitest'
import { webPush } from '../../src/channels/web-push.ts'
import { addSubscription, subscriptionsIn } from '../../src/secrets/push-subscriptions.ts'
import { temporaryFolder } from '../support/hub.ts'
import { fakeService } from './fake-service.ts'
import type { Behaviour } from './fake-service.ts'
import { tellTo } from './http-channel.ts'
import { attempt, endless, firing, resolved } from './notifications.ts'

const channel = webPush({ contact: 'mailto:me@example.org' })

/** A data folder in which browsers have subscribed at a service that behaves so, one after the other. */
async function browsers(count: number, ...behaviours: readonly Behaviour[]) {
  const dataDir = temporaryFolder()
  const service = await fakeService(...behaviours)
  for (let browser = 0; browser < count; browser++)
    subscribe(dataDir, `${service.url}/push/browser-${browser}`)
  return { dataDir, asked: service.asked }
}

function subscribe(dataDir: string, endpoint: string): void {
  const curve = createECDH('prime256v1')
  const keys = { p256dh: curve.generateKeys('base64url'), auth: 'BTBZMqHH6r4Tts7J_aSIgg' }
  expect(addSubscription(dataDir, { endpoint, keys })).toBe(true)
}

it('tells every browser, by a message that names the hub, its urgency, and what it replaces', async () => {
  const { dataDir, asked } = await browsers(2, { status: 201 })
  expect(await tellTo(channel, firing, attempt({}, { dataDir }))).toEqual({
    kind: 'told',
    handle: { shown: true },
    isUpdate: false,
    result: { browsers: 2 },
  })
  const again = await tellTo(channel, resolved, attempt({}, { dataDir, handle: { shown: true } }))
  expect(again).toMatchObject({ kind: 'told', isUpdate: true })
  expect(asked.map(({ line }) => line.replace('POST ', '')).toSorted()).toEqual(
    ['0', '0', '1', '1'].map((browser) => `/push/browser-${browser}`),
  )
  for (const { headers } of asked)
    expect(headers).toMatchObject({
      authorization: expect.stringMatching(/^vapid t=[\w-]+\.[\w-]+\.[\w-]{86}, k=[\w-]{87}$/),
      'content-encoding': 'aes128gcm',
      'content-type': 'application/octet-stream',
      ttl: '86400',
      topic: asked[0]?.headers['topic'],
    })
  expect(asked[0]?.headers['topic']).toMatch(/^[\w-]{32}$/)
  expect(asked.map(({ headers }) => headers['urgency'])).toEqual(['high', 'high', 'normal', 'normal'])
})

it.each([404, 410])(
  'forgets a browser whose subscription is gone (%i), and tells the others',
  async (status) => {
    const { dataDir } = await browsers(2, { status }, { status: 201 })
    expect(await tellTo(channel, firing, attempt({}, { dataDir }))).toMatchObject({
      kind: 'told',
      result: { browsers: 1, failed: 1 },
    })
    expect(subscriptionsIn(dataDir)).toHaveLength(1)
  },
)

it('tells again later while one browser cannot be told, and says nothing of its address', async () => {
  const busy = { status: 429, headers: { 'Retry-After': '7' }, body: 'no' }
  const { dataDir } = await browsers(2, { status: 201 }, busy)
  const told = await tellTo(channel, firing, attempt({}, { dataDir }))
  expect(told).toMatchObject({ kind: 'later', afterMs: 7_000, reason: expect.stringContaining('429: no') })
  expect(JSON.stringify(told)).not.toContain('browser-')
  expect(subscriptionsIn(dataDir)).toHaveLength(2)
})

it.each([
  [401, 'gone'],
  [403, 'gone'],
  [500, 'later'],
])('takes %i for %s', async (status, kind) => {
  const { dataDir } = await browsers(1, { status })
  expect(await tellTo(channel, firing, attempt({}, { dataDir }))).toMatchObject({ kind })
})

const long = `https://hub.example/alert?told=${'x'.repeat(620)}`
const links = { show: long, acknowledge: long, silence: long }

it.each([
  ['a text without an end', endless],
  ['the long links of a group', { ...firing, body: '"\n'.repeat(2_000), links }],
])('sends no more than a service takes, with %s', async (_what, notification) => {
  const sizes: number[] = []
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    sizes.push((await buffer(request)).length)
    response.writeHead(201).end()
  }
  const server = createServer((request, response) => void take(request, response)).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const dataDir = temporaryFolder()
  subscribe(dataDir, `http://127.0.0.1:${(server.address() as AddressInfo).port}/push`)
  expect(await tellTo(channel, notification, attempt({}, { dataDir }))).toMatchObject({ kind: 'told' })
  expect(sizes).toEqual([expect.any(Number)])
  expect(sizes[0]).toBeGreaterThan(2_000)
  expect(sizes[0]).toBeLessThanOrEqual(4_096)
})

it('says that nobody has subscribed, and refuses a contact that is none', async () => {
  expect(await tellTo(channel, firing, attempt({}, { dataDir: temporaryFolder() }))).toEqual({
    kind: 'gone',
    reason: 'no browser has subscribed',
  })
  expect(() => webPush({ contact: 'me' })).toThrow(
    "webPush({ … }): contact: expected an address such as 'mailto:me@example.org'",
  )
})

it('keeps one subscription for an address, and not more than there can be browsers', async () => {
  const { dataDir } = await browsers(1)
  const [known] = subscriptionsIn(dataDir)
  expect(addSubscription(dataDir, known!)).toBe(true)
  expect(subscriptionsIn(dataDir)).toEqual([known])
  for (let browser = 1; browser < 200; browser++)
    addSubscription(dataDir, { ...known!, endpoint: `https://push.example.org/${browser}` })
  expect(addSubscription(dataDir, { ...known!, endpoint: 'https://push.example.org/one-more' })).toBe(false)
  expect(addSubscription(dataDir, known!)).toBe(true)
})
