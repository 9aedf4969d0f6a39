// Covers `src/broker/listeners/web-socket-stream.ts`, `src/base/proxies.ts`.

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connectAsync, type IClientOptions } from 'mqtt'
import { expect, it, onTestFinished } from 'vitest'
import { type ClientOptions, WebSocket } from 'ws'
import type { WebSocketSettings } from '../../../src/broker/listeners/listener.ts'
import { encodePacket } from '../../../src/mqtt/packet.ts'
import { Authority } from '../../support/certificates.ts'
import { temporaryFolder } from '../../support/hub.ts'
import { itWith } from '../../support/tools.ts'
import { connectPacket } from '../client.ts'
import { startTestBroker, type TestBrokerOptions } from '../test-broker.ts'
import { openDoor } from './doors.ts'

const SETTINGS = { kind: 'websocket', host: '127.0.0.1', port: 0, path: '/mqtt', origins: [] } as const

async function listen(settings: Partial<WebSocketSettings> = {}, options: TestBrokerOptions = {}) {
  const { broker, eventLog } = await startTestBroker(options)
  return { broker, eventLog, ...(await broker.listen({ ...SETTINGS, ...settings })) }
}

async function connected(url: string, options: IClientOptions = {}) {
  const client = await connectAsync(url, { reconnectPeriod: 0, ...options })
  onTestFinished(async () => client.endAsync(true))
  return client
}

/** A WebSocket that has not said CONNECT, or the status that it was refused with. */
async function dial(url: string, protocols: string[] = ['mqtt'], options: ClientOptions = {}) {
  const socket = new WebSocket(url, protocols, options)
  onTestFinished(() => socket.terminate())
  socket.on('error', () => {})
  const refused = once(socket, 'unexpected-response').then(([, { statusCode }]) => statusCode as number)
  return Promise.race([once(socket, 'open').then(() => socket), refused])
}

async function open(...args: Parameters<typeof dial>): Promise<WebSocket> {
  const socket = await dial(...args)
  if (typeof socket === 'number') throw new Error(`It was refused with ${socket}.`)
  return socket
}

it.each([4, 5] as const)(
  'carries MQTT.js of protocol %i, with messages larger than its buffers',
  async (version) => {
    const { url } = await listen()
    expect(url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/mqtt$/)
    const client = await connected(url, { protocolVersion: version })
    const payload = Buffer.alloc(3_000_000, 'abc')
    const came = new Promise<Buffer>((resolve) => client.once('message', (_, message) => resolve(message)))
    await client.subscribeAsync('big', { qos: 2 })
    await client.publishAsync('big', payload, { qos: 2 })
    expect((await came).equals(payload)).toBe(true)
  },
)

itWith('openssl')('carries MQTT.js inside of TLS', async () => {
  const authority = new Authority(temporaryFolder())
  const { url } = await listen({ tls: { ...authority.sign('hub'), clientCertificate: 'none' } })
  expect(url).toMatch(/^wss:/)
  const client = await connected(url, { ca: readFileSync(authority.cert) })
  await client.publishAsync('a', 'x', { qos: 1 })
})

it('reads packets that are spread over frames, and many in one frame [MQTT-6.0.0-2] [v3 MQTT-6.0.0-2]', async () => {
  const { url } = await listen()
  const socket = await open(url)
  const heard: Buffer[] = []
  socket.on('message', (data: Buffer) => heard.push(data))
  for (const byte of encodePacket(connectPacket('a', { version: 4 }), 4)) socket.send(Buffer.from([byte]))
  socket.send(Buffer.concat(Array.from({ length: 3 }, () => Buffer.from([0xc0, 0x00]))))
  const answer = Buffer.from('20020000d000d000d000', 'hex')
  while (Buffer.concat(heard).length < answer.length) await once(socket, 'message')
  expect(Buffer.concat(heard)).toEqual(answer)
})

it('closes on a frame of text [MQTT-6.0.0-1] [v3 MQTT-6.0.0-1]', async () => {
  const { url, broker } = await listen()
  const socket = await open(url)
  socket.send('hello')
  expect((await once(socket, 'close'))[0]).toBe(1003)
  while (broker.stats().connections > 0) await new Promise(setImmediate)
})

it('closes on a frame that is larger than any packet may be', async () => {
  const { url } = await listen({}, { limits: { packetBytes: 1_000 } })
  const socket = await open(url)
  socket.send(Buffer.alloc(1_001))
  expect((await once(socket, 'close'))[0]).toBe(1009)
})

it('answers with the subprotocol that was asked for, and refuses those who ask for another or none [MQTT-6.0.0-4] [v3 MQTT-6.0.0-4]', async () => {
  const { url } = await listen()
  expect((await open(url, ['other', 'mqtt'])).protocol).toBe('mqtt')
  expect((await open(url, ['mqttv3.1'])).protocol).toBe('mqttv3.1')
  expect(await dial(url, ['other'])).toBe(400)
  expect(await dial(url, [])).toBe(400)
})

it('lets in pages of its own address and of the origins that are listed, and no others', async () => {
  const { url, port } = await listen({ origins: ['https://dash.example'] })
  const from = (origin: string, host = `127.0.0.1:${port}`) =>
    dial(url, ['mqtt'], { origin, headers: { host } }).then((answer) =>
      typeof answer === 'number' ? answer : 'open',
    )
  expect(await from(`http://127.0.0.1:${port}`)).toBe('open')
  expect(await from(`http://localhost:${port}`, `localhost:${port}`)).toBe('open')
  expect(await from('https://dash.example')).toBe('open')
  expect(await from('https://evil.example')).toBe(403)
  expect(await from('http://127.0.0.1:1')).toBe(403)
  expect(await from('null')).toBe(403)
  // A name that a stranger has pointed at this address.
  expect(await from(`http://evil.example:${port}`, `evil.example:${port}`)).toBe(403)
})

it.each([
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
  'cf-connecting-ip',
])('leads a client with the header %s to the door of those who come by a proxy', async (header) => {
  const { broker } = await startTestBroker()
  const [direct, byProxy] = [openDoor(), openDoor()]
  const { url } = await broker.listen(SETTINGS, direct, byProxy)
  await connected(url, { clientId: 'here' })
  await connected(url, { clientId: 'there', wsOptions: { headers: { [header]: 'x' } } })
  const came = [direct, byProxy].map(({ callers }) => callers.map(({ clientId }) => clientId))
  expect(came).toEqual([['here'], ['there']])
})

it('asks both doors for the rights anew when the users change', async () => {
  const { broker } = await startTestBroker()
  const changes: (() => void)[] = []
  const closing = { ...openDoor(), renew: () => null, onChanged: (act: () => void) => void changes.push(act) }
  const { url } = await broker.listen(SETTINGS, openDoor(), closing)
  const client = await connected(url, { wsOptions: { headers: { via: '1.1 proxy' } } })
  const gone = new Promise<void>((resolve) => client.once('close', resolve))
  expect(changes).toHaveLength(1)
  changes[0]!()
  await gone
})

it('says where MQTT is to whoever comes by another way', async () => {
  const { url, port } = await listen()
  expect(await dial(url.replace('/mqtt', '/elsewhere'))).toBe(404)
  const page = await fetch(`http://127.0.0.1:${port}/`)
  expect([page.status, await page.text()]).toEqual([426, 'Here is MQTT over WebSocket, at /mqtt.\n'])
})

it('is a path of an HTTP server that is there, and stops before that server does', async () => {
  const { broker } = await startTestBroker()
  const sockets = broker.webSockets({ path: '/mqtt', origins: [] })
  const server = createServer().on('upgrade', sockets.upgrade).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/mqtt`
  const client = await connected(url, { protocolVersion: 5 })
  const told = new Promise((resolve) => client.once('disconnect', resolve))
  await sockets.stop()
  expect(await told).toMatchObject({ reasonCode: 0x8b })
  expect(await dial(url)).toBe(503)
  await new Promise((resolve) => server.close(resolve))
})

it('takes what came before the client closed', async () => {
  const { url, eventLog } = await listen()
  const socket = await open(url)
  const publish = encodePacket(
    { type: 'publish', topic: 'last', payload: Buffer.from('x'), qos: 0, retain: false, dup: false },
    4,
  )
  socket.send(encodePacket(connectPacket('a', { version: 4 }), 4))
  socket.send(publish)
  socket.close()
  await once(socket, 'close')
  while (eventLog.of('last').length === 0) await new Promise(setImmediate)
  expect(eventLog.of('last')).toHaveLength(1)
})
