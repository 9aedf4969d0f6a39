// What outlives a connection, for how long, and what is said when it ends.
//
// Covers `src/broker/clients/sessions.ts`, `src/broker/clients/presence.ts`,
// `src/broker/session/session.ts`.

import { expect, it } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import type { ClientPresence } from '../../../src/broker/clients/presence.ts'
import { type Client, connectClient } from '../client.ts'
import { startTestBroker } from '../test-broker.ts'

const will = (topic: string, delay?: number) => ({
  topic,
  payload: Buffer.from('gone'),
  qos: 1 as const,
  retain: false,
  properties: delay === undefined ? undefined : { willDelayInterval: delay },
})
const keptFor = (seconds: number) => ({ clean: false, properties: { sessionExpiryInterval: seconds } })

async function watcher(port: number, filter: string): Promise<Client> {
  const client = await connectClient(port, 'watcher')
  await client.subscribe(filter, 1)
  await client.sentSoFar()
  return client
}

async function vanish(client: Client): Promise<void> {
  const closed = new Promise((resolve) => client.peer.socket.once('close', resolve))
  client.peer.socket.destroy()
  await closed
}

/** Resolves when the broker knows that a client has gone. */
async function offline(watching: Client, clientId: string): Promise<ClientPresence> {
  for (;;) {
    const { topic, payload } = await watching.expect('publish')
    const presence = JSON.parse(payload.toString()) as ClientPresence
    if (topic === `vigie/clients/${clientId}` && presence.state === 'offline') return presence
  }
}

it('ends a session when its expiry has passed, and not before', async () => {
  const clock = new ManualClock(1_000_000)
  const { broker, port } = await startTestBroker({ clock })
  const watching = await watcher(port, 'vigie/clients/#')
  const client = await connectClient(port, 'a', keptFor(60))
  await client.subscribe('t', 1)
  await vanish(client)
  await offline(watching, 'a')
  clock.advance(59_999)
  expect(broker.stats()).toMatchObject({ sessions: 2, subscriptions: 2 })
  clock.advance(1)
  expect(broker.stats()).toMatchObject({ sessions: 1, subscriptions: 1 })
})

it('forgets the expiry of a session that is taken up again', async () => {
  const clock = new ManualClock(1_000_000)
  const { broker, port } = await startTestBroker({ clock })
  const watching = await watcher(port, 'vigie/clients/#')
  await vanish(await connectClient(port, 'a', keptFor(60)))
  await offline(watching, 'a')
  const again = await connectClient(port, 'a', keptFor(60))
  expect(again.connack.sessionPresent).toBe(true)
  clock.advance(3_600_000)
  expect(broker.stats().sessions).toBe(2)
})

it('drops what has expired while it waited, and tells what is left of the rest', async () => {
  const clock = new ManualClock(1_000_000)
  const { broker, port } = await startTestBroker({ clock })
  const before = await connectClient(port, 'a', keptFor(600))
  await before.subscribe('t', 1)
  before.disconnect()
  await before.expectClosed()
  const publisher = await connectClient(port, 'b')
  publisher.publish('t', 'short', { qos: 1, properties: { messageExpiryInterval: 10 } })
  publisher.publish('t', 'long', { qos: 1, properties: { messageExpiryInterval: 100 } })
  await publisher.expect('puback')
  await publisher.expect('puback')
  clock.advance(30_000)
  const after = await connectClient(port, 'a', keptFor(600))
  const packet = await after.expect('publish')
  expect(packet).toMatchObject({ properties: { messageExpiryInterval: 70 } })
  expect(packet.payload.toString()).toBe('long')
  expect(broker.stats().dropped.expired).toBe(1)
})

it('publishes a delayed will when the delay is over', async () => {
  const clock = new ManualClock(1_000_000)
  const { eventLog, port } = await startTestBroker({ clock })
  const watching = await watcher(port, 'vigie/clients/a')
  await vanish(await connectClient(port, 'a', { ...keptFor(600), will: will('w', 30) }))
  expect(await offline(watching, 'a')).toMatchObject({ reason: 'socket' })
  clock.advance(29_999)
  expect(eventLog.of('w')).toHaveLength(0)
  clock.advance(1)
  expect(eventLog.of('w')).toMatchObject([{ origin: 'will', client: 'a', qos: 1 }])
  clock.advance(600_000)
  expect(eventLog.of('w')).toHaveLength(1)
})

it('hears a client first whose will and session fell due while the hub was held up', async () => {
  const clock = new ManualClock(1_000_000)
  const { eventLog, port } = await startTestBroker({ clock })
  const watching = await watcher(port, 'vigie/clients/a')
  await vanish(await connectClient(port, 'a', { ...keptFor(20), will: will('w', 10) }))
  await offline(watching, 'a')
  clock.stall(30_000)
  clock.advance(0)
  const again = await connectClient(port, 'a', { ...keptFor(20), will: will('w', 10) })
  expect(again.connack.sessionPresent).toBe(true)
  clock.advance(600_000)
  expect(eventLog.of('w')).toHaveLength(0)
})

it('publishes a will that fell due while the hub was held up when its client does not come', async () => {
  const clock = new ManualClock(1_000_000)
  const { eventLog, port } = await startTestBroker({ clock })
  const watching = await watcher(port, 'vigie/clients/a')
  await vanish(await connectClient(port, 'a', { ...keptFor(600), will: will('w', 10) }))
  await offline(watching, 'a')
  clock.stall(30_000)
  clock.advance(10_000)
  expect(eventLog.of('w')).toHaveLength(1)
})

it('counts the time in which the machine slept', async () => {
  const clock = new ManualClock(1_000_000)
  const { eventLog, port } = await startTestBroker({ clock })
  const watching = await watcher(port, 'vigie/clients/a')
  await vanish(await connectClient(port, 'a', { ...keptFor(7_200), will: will('w', 3_600) }))
  await offline(watching, 'a')
  clock.suspend(4_000_000)
  clock.advance(400_000)
  expect(eventLog.of('w')).toHaveLength(1)
  clock.suspend(4_000_000)
  clock.advance(400_000)
  expect((await connectClient(port, 'a', keptFor(7_200))).connack.sessionPresent).toBe(false)
})

it.each([
  ['forward', 3 * 86_400_000],
  ['back', -3 * 86_400_000],
])('keeps a session for its time, and no longer, when the clock is set %s by days', async (_, byMs) => {
  const clock = new ManualClock(1_000_000_000)
  const { port } = await startTestBroker({ clock })
  const watching = await watcher(port, 'vigie/clients/+')
  for (const id of ['a', 'b']) {
    await vanish(await connectClient(port, id, keptFor(7_200)))
    await offline(watching, id)
  }
  clock.set(clock.now() + byMs)
  clock.advance(7_100_000)
  expect((await connectClient(port, 'a', keptFor(7_200))).connack.sessionPresent).toBe(true)
  clock.advance(200_000)
  expect((await connectClient(port, 'b', keptFor(7_200))).connack.sessionPresent).toBe(false)
})

it('publishes a delayed will when the session ends before the delay is over', async () => {
  const clock = new ManualClock(1_000_000)
  const { eventLog, port } = await startTestBroker({ clock })
  const watching = await watcher(port, 'vigie/clients/a')
  await vanish(await connectClient(port, 'a', { ...keptFor(10), will: will('w', 30) }))
  await offline(watching, 'a')
  clock.advance(10_000)
  expect(eventLog.of('w')).toHaveLength(1)
})

it('publishes no delayed will of a client that is back in time', async () => {
  const clock = new ManualClock(1_000_000)
  const { eventLog, port } = await startTestBroker({ clock })
  const watching = await watcher(port, 'vigie/clients/a')
  await vanish(await connectClient(port, 'a', { ...keptFor(600), will: will('w', 30) }))
  await offline(watching, 'a')
  await connectClient(port, 'a', keptFor(600))
  clock.advance(60_000)
  expect(eventLog.of('w')).toHaveLength(0)
})

it('publishes the will of a client that is taken over, but for a delayed one whose session goes on', async () => {
  const { eventLog, port } = await startTestBroker()
  await connectClient(port, 'a', { will: will('w') })
  await connectClient(port, 'a', { ...keptFor(600), will: will('later', 30) })
  expect(eventLog.of('w')).toHaveLength(1)
  await connectClient(port, 'a', keptFor(600))
  expect(eventLog.of('later')).toHaveLength(0)
  await connectClient(port, 'b', { ...keptFor(600), will: will('at the end', 30) })
  await connectClient(port, 'b', { clean: true })
  expect(eventLog.of('at the end')).toHaveLength(1)
})

it('ends a connection that is silent for one and a half times its keep alive, and publishes its will', async () => {
  const clock = new ManualClock(1_000_000)
  const { eventLog, port } = await startTestBroker({ clock })
  const client = await connectClient(port, 'a', { keepAlive: 10, will: will('w') })
  clock.advance(14_000)
  expect(await client.sentSoFar()).toEqual([])
  clock.advance(14_000)
  expect(eventLog.of('w')).toHaveLength(0)
  clock.advance(2_000)
  expect(await client.expect('disconnect')).toMatchObject({ reasonCode: 0x8d })
  await client.expectClosed()
  expect(eventLog.of('w')).toHaveLength(1)
})

it('tells who comes and goes, and how, retained under the root', async () => {
  const clock = new ManualClock(1_000_000)
  const { port } = await startTestBroker({ clock })
  const watching = await watcher(port, 'vigie/clients/#')
  const client = await connectClient(port, 'a+b/c', { version: 4, keepAlive: 10 })
  const { topic, payload, properties } = await watching.expect('publish')
  expect(topic).toBe('vigie/clients/a%2Bb%2Fc')
  expect(JSON.parse(payload.toString())).toEqual({
    client: 'a+b/c',
    state: 'online',
    reason: null,
    since: 1_000_000,
    address: '127.0.0.1',
    user: null,
    protocol: '3.1.1',
    publishedAt: null,
  })
  expect(properties).toBeUndefined()
  client.disconnect()
  expect(await offline(watching, 'a%2Bb%2Fc')).toMatchObject({ reason: 'clean' })

  const second = await connectClient(port, 'second')
  await connectClient(port, 'second')
  expect(await offline(watching, 'second')).toMatchObject({ reason: 'takeover' })
  await second.expect('disconnect')

  await connectClient(port, 'silent', { keepAlive: 1 })
  clock.advance(3_000)
  expect(await offline(watching, 'silent')).toMatchObject({ reason: 'keepalive' })

  const wilful = await connectClient(port, 'wilful')
  wilful.send({ type: 'disconnect', reasonCode: 4 })
  expect(await offline(watching, 'wilful')).toMatchObject({ reason: 'will' })

  const rude = await connectClient(port, 'rude')
  rude.peer.send(Buffer.from([0, 0]))
  expect(await offline(watching, 'rude')).toMatchObject({ reason: 'kicked' })
})

it('forgets a client that has gone for good when its last word has expired', async () => {
  const clock = new ManualClock(1_000_000)
  const { eventLog, port } = await startTestBroker({ clock })
  const watching = await watcher(port, 'vigie/clients/#')
  const unnamed = await connectClient(port, '')
  const clientId = unnamed.connack.properties!.assignedClientIdentifier!
  unnamed.disconnect()
  expect(await offline(watching, clientId)).toMatchObject({ reason: 'clean' })
  const topic = `vigie/clients/${clientId}`
  clock.advance(80_000)
  expect(eventLog.of(topic).at(-1)).toMatchObject({
    retain: true,
    recorded: false,
    payload: Buffer.alloc(0),
    origin: 'retained',
  })
  await watching.subscribe(topic)
  expect(await watching.sentSoFar()).toEqual([])
})

it('says at its start that those who were online when it died are not any more', async () => {
  const presence = { client: 'a', state: 'online', reason: null, since: 1, address: 'x', protocol: '5.0' }
  const { port } = await startTestBroker({
    retained: [
      {
        topic: 'vigie/clients/a',
        event: 1,
        at: 1,
        payload: Buffer.from(JSON.stringify(presence)),
        qos: 1,
        properties: null,
      },
    ],
  })
  const watching = await connectClient(port, 'watcher')
  await watching.subscribe('vigie/clients/a')
  expect(await offline(watching, 'a')).toMatchObject({ state: 'offline', reason: 'stopped', protocol: '5.0' })
})

it('takes a copy of a QoS 1 message whose acknowledgement never left as the same, and any other as a new one', async () => {
  const { eventLog, port } = await startTestBroker()
  const before = await connectClient(port, 'a', keptFor(60))
  eventLog.commits = 'by hand'
  const watching = await watcher(port, 'vigie/clients/a')
  before.publish('t', 'one', { qos: 1, packetId: 1 })
  before.publish('t', 'two', { qos: 1, packetId: 2 })
  await before.sentSoFar()
  await vanish(before)
  await offline(watching, 'a')
  eventLog.commits = 'at once'
  const after = await connectClient(port, 'a', keptFor(60))
  after.publish('t', 'one', { qos: 1, packetId: 1, dup: true })
  after.publish('t', 'another', { qos: 1, packetId: 2 })
  await after.sentSoFar()
  expect(eventLog.of('t').map(({ payload }) => payload.toString())).toEqual(['one', 'two', 'another'])
  expect(await after.expect('puback')).toMatchObject({ packetId: 1 })
  expect(await after.expect('puback')).toMatchObject({ packetId: 2 })
  after.publish('t', 'another', { qos: 1, packetId: 2, dup: true })
  await after.sentSoFar()
  expect(eventLog.of('t')).toHaveLength(4)
})

it('says at the start who was lost, whatever else was published beside them', async () => {
  const said = (name: string, payload: string) => ({
    topic: `vigie/clients/${name}`,
    event: 0,
    at: 1,
    payload: Buffer.from(payload),
    qos: 1 as const,
    properties: null,
  })
  const here = JSON.stringify({ client: 'b', state: 'online', protocol: '5.0' })
  const retained = [
    said('a', 'no presence'),
    said('a1', 'null'),
    said('a2', '{"state":"online"}'),
    said('b', here),
  ]
  const { eventLog, port } = await startTestBroker({ retained })
  expect(eventLog.events.map(({ topic }) => topic)).toEqual(['vigie/clients/b'])
  const client = await connectClient(port, 'c')
  await client.subscribe('$SYS/broker/version', 0)
  expect(await client.expect('publish')).toMatchObject({ topic: '$SYS/broker/version' })
})
