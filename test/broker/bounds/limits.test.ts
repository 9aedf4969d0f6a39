// Every bound, met: whoever goes beyond it harms only itself, is told why, and is counted.
//
// Covers `src/broker/bounds/limits.ts`, `src/broker/bounds/counters.ts`, `src/broker/routing/retained.ts`,
// `src/broker/delivery/feeds.ts`, `src/broker/routing/packed-bytes.ts`.

import { expect, it } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { DEFAULT_LIMITS } from '../../../src/broker/bounds/limits.ts'
import { type Client, connectClient, connectPacket, openClient } from '../client.ts'
import { startTestBroker } from '../test-broker.ts'

it('refuses a connection above the limit with "server busy"', async () => {
  const { broker, port } = await startTestBroker({ limits: { connections: 1 } })
  const first = await connectClient(port, 'a')
  expect((await connectClient(port, 'b')).connack.reasonCode).toBe(0x89)
  expect((await connectClient(port, 'c', { version: 4 })).connack.reasonCode).toBe(0x88)
  expect(await first.sentSoFar()).toEqual([])
  expect(broker.stats().refusedConnects).toBe(2)
})

it('keeps no more sessions than it may: a further client is told so, and who has one comes back to it', async () => {
  const { broker, port } = await startTestBroker({ limits: { sessions: 2 } })
  const kept = { clean: false, properties: { sessionExpiryInterval: 60 } }
  for (const id of ['a', 'b']) {
    const client = await connectClient(port, id, kept)
    expect(client.connack.reasonCode).toBe(0)
    client.disconnect()
    await client.expectClosed()
  }
  const refused = await connectClient(port, 'c', kept)
  expect(refused.connack.reasonCode).toBe(0x97)
  expect(refused.connack.properties?.reasonString).toMatch('all 2 sessions')
  expect((await connectClient(port, 'c', { version: 4, clean: false })).connack.reasonCode).toBe(0x88)
  expect(broker.stats().refusedConnects).toBe(2)
  const passing = await connectClient(port, 'c')
  expect(passing.connack.reasonCode).toBe(0)

  const back = await connectClient(port, 'a', kept)
  expect(back.connack.sessionPresent).toBe(true)
  back.disconnect()
  await back.expectClosed()
  const last = await connectClient(port, 'a') // begins anew, and is not kept
  expect(last.connack.sessionPresent).toBe(false)
  expect((await connectClient(port, 'c', kept)).connack.reasonCode).toBe(0)
})

it('holds as many sessions, by default, as it does connections', () => {
  expect(DEFAULT_LIMITS.sessions).toBe(100_000)
})

it('closes a connection whose CONNECT does not come in time, however it trickles in', async () => {
  const clock = new ManualClock(1_000_000)
  const { broker, port } = await startTestBroker({ clock, limits: { connectTimeoutMs: 5_000 } })
  const [silent, slow] = [await openClient(port), await openClient(port)]
  slow.peer.send(Buffer.from([0x10, 0x20, 0x00]))
  const other = await connectClient(port, 'other')
  clock.advance(4_000)
  slow.peer.send(Buffer.from([0x04]))
  await other.sentSoFar()
  expect(broker.stats().connections).toBe(3)
  clock.advance(2_000)
  await silent.expectClosed()
  await slow.expectClosed()
  expect(await other.sentSoFar()).toEqual([])
})

it('refuses a packet above the limit before its body has come', async () => {
  const { port } = await startTestBroker({ limits: { packetBytes: 1_000 } })
  const client = await connectClient(port, 'a')
  expect(client.connack.properties).toMatchObject({ maximumPacketSize: 1_000 })
  client.peer.send(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]))
  expect(await client.expect('disconnect')).toMatchObject({ reasonCode: 0x95 })
  await client.expectClosed()
})

it('takes less for what is no message: a stranger cannot have it gather megabytes', async () => {
  const { port } = await startTestBroker({ limits: { packetBytes: 10_000, controlBytes: 1_000 } })
  const stranger = await openClient(port)
  stranger.peer.send(Buffer.from([0x10, 0xff, 0x0f]))
  await stranger.expectClosed()
  const client = await connectClient(port, 'a')
  client.publish('t', 'x'.repeat(9_000), { qos: 1 })
  expect(await client.expect('puback')).toMatchObject({ packetId: 1 })
  client.peer.send(Buffer.from([0x82, 0xff, 0x0f]))
  expect(await client.expect('disconnect')).toMatchObject({ reasonCode: 0x95 })
})

it('reads no more of a client that asks and asks, and does not read the answers', async () => {
  const { broker, port } = await startTestBroker({ limits: { outputBytes: 10_000 } })
  const [deaf, other] = [await connectClient(port, 'deaf'), await connectClient(port, 'other')]
  const { socket } = deaf.peer
  socket.pause()
  const pings = Buffer.alloc(2 ** 20, Buffer.from([0xc0, 0]))
  for (let mebibyte = 0; mebibyte < 64; mebibyte++) socket.write(pings)
  let received = -1
  while (broker.stats().bytesReceived > received) {
    received = broker.stats().bytesReceived
    for (let turn = 0; turn < 20; turn++) await other.sentSoFar()
    received += 20 * 2 // the pings of the other
  }
  expect(socket.writableLength).toBeGreaterThan(0)
  let answers = 0
  socket.removeAllListeners('data')
  await new Promise<void>((resolve) => {
    socket.on('data', (chunk) => {
      answers += chunk.length
      if (answers === 64 * 2 ** 20) resolve()
    })
    socket.resume()
  })
})

it('keeps no more under way to one client than may wait for it', async () => {
  const { port } = await startTestBroker({ limits: { queueBytes: 1_000 } })
  const session = { clean: false, properties: { sessionExpiryInterval: 60 } }
  const client = await connectClient(port, 'a', session)
  await client.subscribe('t', 1)
  const publisher = await connectClient(port, 'b')
  for (const number of [1, 2, 3]) publisher.publish('t', String(number).padEnd(500), { qos: 1 })
  await publisher.sentSoFar()
  const underWay = await client.sentSoFar()
  expect(underWay).toHaveLength(2)
  for (const packet of underWay) {
    if (packet.type === 'publish') client.send({ type: 'puback', packetId: packet.packetId!, reasonCode: 0 })
  }
  expect(await takeNumber(client)).toBe(3)
})

it('counts topics and properties of what is retained, not its payload alone', async () => {
  const { broker, port } = await startTestBroker({ limits: { retainedBytes: 4_000 } })
  const client = await connectClient(port, 'a')
  const room = broker.stats().retained
  client.publish('x'.repeat(2_000), '1', { retain: true })
  const userProperties = [['k', 'v'.repeat(2_000)]] as const
  client.publish('t', '1', { retain: true, properties: { userProperties } })
  await client.sentSoFar()
  expect(broker.stats().retained).toBe(room + 1)
  expect(broker.stats().dropped['retained-full']).toBe(1)
})

it('serves others while it looks through much that is retained', async () => {
  const { port } = await startTestBroker()
  const publisher = await connectClient(port, 'publisher')
  for (let n = 0; n < 20_000; n++) publisher.publish(`t/${n}/x`, '1', { retain: true })
  publisher.publish('last', '1', { retain: true })
  await publisher.sentSoFar()
  const curious = await connectClient(port, 'curious')
  const filters = [...Array.from({ length: 50 }, (_, n) => `t/+/none${n}`), 'last']
  const options = { qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const
  curious.send({
    type: 'subscribe',
    packetId: 1,
    subscriptions: filters.map((filter) => Object.assign({ filter }, options)),
  })
  await curious.expect('suback')
  const order: string[] = []
  const found = curious.expect('publish').then(({ topic }) => order.push(topic))
  await publisher.sentSoFar()
  order.push('other')
  await found
  expect(order).toEqual(['other', 'last'])
})

it.each([
  ['long', 'x'.repeat(101)],
  ['deep', 'a/b/c/d/e/f'],
])('ends the connection of a client that publishes on a topic that is too %s', async (_, topic) => {
  const { port } = await startTestBroker({ limits: { topicBytes: 100, topicLevels: 5 } })
  const client = await connectClient(port, 'a')
  client.publish(topic, 'hello')
  expect(await client.expect('disconnect')).toMatchObject({ reasonCode: 0x90 })
})

it('refuses filters that are too long or too deep, and more subscriptions than a session may have', async () => {
  const { port } = await startTestBroker({
    limits: { topicBytes: 100, topicLevels: 5, subscriptionsPerSession: 2 },
  })
  const client = await connectClient(port, 'a')
  const filters = ['x'.repeat(101), 'a/b/c/d/e/#', 'a', 'b', 'c', 'a']
  const options = { qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const
  client.send({
    type: 'subscribe',
    packetId: 1,
    subscriptions: filters.map((filter) => Object.assign({ filter }, options)),
  })
  expect((await client.expect('suback')).reasonCodes).toEqual([0x8f, 0x8f, 0, 0, 0x97, 0])
})

it('tells its receive maximum, and ends the connection of a client that goes beyond', async () => {
  const { eventLog, port } = await startTestBroker({ limits: { receiveMaximum: 2 } })
  eventLog.commit = () => {}
  const client = await connectClient(port, 'a')
  expect(client.connack.properties).toMatchObject({ receiveMaximum: 2 })
  for (const packetId of [1, 2, 3]) client.publish('t', 'hello', { qos: 1, packetId })
  expect(await client.expect('disconnect')).toMatchObject({ reasonCode: 0x93 })
})

it('counts a handshake against the receive maximum until its end', async () => {
  const { port } = await startTestBroker({ limits: { receiveMaximum: 1 } })
  const client = await connectClient(port, 'a')
  client.publish('t', 'hello', { qos: 1, packetId: 1 })
  await client.expect('puback')
  client.publish('t', 'hello', { qos: 2, packetId: 2 })
  await client.expect('pubrec')
  client.send({ type: 'pubrel', packetId: 2, reasonCode: 0 })
  await client.expect('pubcomp')
  client.publish('t', 'hello', { qos: 2, packetId: 3 })
  await client.expect('pubrec')
  client.publish('t', 'hello', { qos: 1, packetId: 4 })
  expect(await client.expect('disconnect')).toMatchObject({ reasonCode: 0x93 })
})

it('sends again to a client that comes back, however much of it there is', async () => {
  const { port } = await startTestBroker({ limits: { queueBytes: 1_000 } })
  const kept = { clean: false, properties: { sessionExpiryInterval: 60 } }
  const before = await connectClient(port, 'a', kept)
  await before.subscribe('t', 1)
  const publisher = await connectClient(port, 'b')
  for (const payload of ['one', 'two', 'three']) publisher.publish('t', payload.padEnd(500), { qos: 1 })
  await publisher.sentSoFar()
  expect(await before.sentSoFar()).toHaveLength(2) // the third waits: there are bytes enough under way
  before.peer.socket.destroy()
  const after = await connectClient(port, 'a', kept)
  for (const payload of ['one', 'two', 'three']) {
    const packet = await after.expect('publish')
    expect(packet.payload.toString().trim()).toBe(payload)
    after.send({ type: 'puback', packetId: packet.packetId!, reasonCode: 0 })
  }
})

it.each([{ queueMessages: 2 }, { queueBytes: 300 }])(
  'keeps the oldest of what waits for a session, and counts what there is no room for (%o)',
  async (limits) => {
    const { broker, port } = await startTestBroker({ limits })
    const session = { clean: false, properties: { sessionExpiryInterval: 60 } }
    const before = await connectClient(port, 'a', session)
    await before.subscribe('t', 1)
    before.disconnect()
    await before.expectClosed()
    const publisher = await connectClient(port, 'b')
    for (const payload of ['one', 'two', 'three']) publisher.publish('t', payload, { qos: 1 })
    await publisher.sentSoFar()
    expect(broker.stats().dropped['queue-full']).toBe(1)
    const after = await connectClient(port, 'a', session)
    const payloads = (await after.sentSoFar()).map(
      (packet) => packet.type === 'publish' && String(packet.payload),
    )
    expect(payloads).toEqual(['one', 'two'])
  },
)

/** A client that comes and goes, each time under a name of its own. */
async function visit(port: number, id: string): Promise<void> {
  const visitor = await connectClient(port, id)
  visitor.disconnect()
  await visitor.expectClosed()
}

it('takes none of the room of clients for what it says itself, of them or in $SYS', async () => {
  const { broker, port } = await startTestBroker({ limits: { retainedMessages: 2, retainedBytes: 20_000 } })
  for (let n = 0; n < 10; n++) await visit(port, `once-${n}-${'x'.repeat(100)}`)
  const device = await connectClient(port, 'device')
  for (const topic of ['home/door', 'home/window', 'home/third'])
    device.publish(topic, 'open', { retain: true })
  await device.subscribe('home/+')
  const topics = (await device.sentSoFar()).map((packet) => packet.type === 'publish' && packet.topic)
  expect(topics).toEqual(['home/door', 'home/window'])
  await device.subscribe('vigie/clients/+')
  expect(await device.sentSoFar()).toHaveLength(11)
  expect(broker.stats().dropped['retained-full']).toBe(1)
})

it('counts what a retained message takes in memory, not only its bytes', async () => {
  const { broker, port } = await startTestBroker({ limits: { retainedBytes: 10_000 } })
  const device = await connectClient(port, 'device')
  for (let n = 0; n < 100; n++) device.publish(`home/${n}`, 'x', { retain: true })
  await device.subscribe('home/+')
  const retained = await device.sentSoFar()
  expect(retained.length).toBeGreaterThan(10)
  expect(retained.length).toBeLessThan(30)
  expect(broker.stats().dropped['retained-full']).toBe(100 - retained.length)
})

it('retains what it has acknowledged, also where the limits were lowered since', async () => {
  const message = { payload: Buffer.from('x'), properties: null, qos: 0, retain: true, at: 0 } as const
  const retained = ['a', 'b', 'c'].map((topic) => ({
    ...message,
    topic: `home/${topic}`,
    event: 0,
  }))
  const { port } = await startTestBroker({ retained, limits: { retainedMessages: 1 } })
  const device = await connectClient(port, 'device')
  await device.subscribe('home/+')
  expect(await device.sentSoFar()).toHaveLength(3)
})

it('remembers as many clients as may connect, and forgets in the journal too who went first', async () => {
  const clock = new ManualClock(1_000_000)
  const { eventLog, port } = await startTestBroker({ clock, limits: { connections: 3 } })
  for (let n = 0; n < 8; n++) await visit(port, `once-${n}`)
  await visit(port, 'once-0')
  clock.advance(10_000)
  const client = await connectClient(port, 'a')
  await client.subscribe('vigie/clients/+')
  const topics = (await client.sentSoFar()).map((packet) => packet.type === 'publish' && packet.topic)
  expect(new Set(topics)).toEqual(
    new Set(['a', 'once-0', 'once-6', 'once-7'].map((id) => `vigie/clients/${id}`)),
  )
  const forgotten = eventLog.events.filter(({ origin }) => origin === 'retained')
  expect(forgotten.map(({ topic }) => topic)).toEqual([1, 2, 3, 4, 5].map((n) => `vigie/clients/once-${n}`))
})

it('remembers clients in no more bytes than what clients leave may take, however they call themselves', async () => {
  const { port } = await startTestBroker({ limits: { retainedBytes: 20_000 } })
  for (let n = 0; n < 20; n++) await visit(port, `${n}-${'x'.repeat(1_000)}`)
  const client = await connectClient(port, 'a')
  await client.subscribe('vigie/clients/+')
  const topics = (await client.sentSoFar()).map((packet) => (packet.type === 'publish' ? packet.topic : ''))
  expect(topics.some((topic) => topic.startsWith('vigie/clients/19-'))).toBe(true)
  expect(topics.some((topic) => topic.startsWith('vigie/clients/0-'))).toBe(false)
  expect(topics.join('').length).toBeLessThan(15_000)
})

it('forgets a client some time after its session has ended, and never while one is kept', async () => {
  const { port } = await startTestBroker({ clock: new ManualClock(1_000_000) })
  const kept = { passing: 0, kept: 60, forever: 0xffff_ffff }
  for (const [id, sessionExpiryInterval] of Object.entries(kept)) {
    const client = await connectClient(port, id, { properties: { sessionExpiryInterval } })
    client.disconnect()
    await client.expectClosed()
  }
  const watcher = await connectClient(port, 'watcher')
  for (const [id, seconds] of [
    ['passing', 604_800],
    ['kept', 604_860],
    ['forever', undefined],
  ] as const) {
    await watcher.subscribe(`vigie/clients/${id}`)
    const { properties } = await watcher.expect('publish')
    expect(properties?.messageExpiryInterval).toBe(seconds)
  }
})

it.each([{ retainedMessages: 1_000 }, { retainedBytes: 10_000 }])(
  'retains no more than it may, and counts the rest (%o)',
  async (limits) => {
    const { broker, eventLog, port } = await startTestBroker({ limits })
    const client = await connectClient(port, 'a')
    const own = broker.stats().retained
    const payload = 'x'.repeat('retainedBytes' in limits ? 4_000 : 1)
    for (let n = 0; n < 1_001; n++)
      client.publish(`t/${n}`, payload, { qos: 1, packetId: n + 1, retain: true })
    client.publish('t/0', '', { retain: true })
    client.publish('t/new', 'x', { retain: true })
    await client.sentSoFar()
    const { dropped, retained } = broker.stats()
    expect(dropped['retained-full']).toBe(eventLog.of().filter(({ retain }) => !retain).length)
    expect(dropped['retained-full']).toBeGreaterThan(0)
    expect(retained - own).toBeLessThanOrEqual(1_000)
    expect(eventLog.of('t/new')).toMatchObject([{ retain: true }])
  },
)

it('drops QoS 0 for a client that does not read, keeps QoS 1 for it, and serves the others', async () => {
  const { broker, port } = await startTestBroker({ limits: { outputBytes: 100_000 } })
  const [slow, fast] = [await connectClient(port, 'slow'), await connectClient(port, 'fast')]
  await slow.subscribe('t', 1)
  await fast.subscribe('t', 1)
  slow.peer.socket.pause()
  const publisher = await connectClient(port, 'publisher')
  const payload = 'x'.repeat(100_000)
  const received: number[] = []
  let sent = 0
  while (broker.stats().dropped.slow < 10) {
    publisher.publish('t', payload)
    publisher.publish('t', String(sent++), { qos: 1 })
    received.push(await takeNumber(fast))
    await publisher.expect('puback')
  }
  expect(received).toEqual(Array.from({ length: sent }, (_, n) => n))
  slow.peer.socket.resume()
  for (let n = 0; n < sent; n++) expect(await takeNumber(slow)).toBe(n)
})

/** Reads up to the next QoS 1 message, acknowledges it, and returns the number that it holds. */
async function takeNumber(client: Client): Promise<number> {
  for (;;) {
    const { qos, payload, packetId } = await client.expect('publish')
    if (qos === 0) continue
    client.send({ type: 'puback', packetId: packetId!, reasonCode: 0 })
    return Number(payload)
  }
}

it('gives a client that subscribes to very much of what is retained as it reads, and loses nothing of it', async () => {
  const { port } = await startTestBroker({ limits: { outputBytes: 10_000 } })
  const publisher = await connectClient(port, 'publisher')
  for (let n = 0; n < 3_000; n++) publisher.publish(`t/${n}`, 'x'.repeat(1_000), { retain: true })
  await publisher.sentSoFar()
  const client = await openClient(port)
  client.send(connectPacket('a', { properties: { receiveMaximum: 10 } }))
  await client.expect('connack')
  await client.subscribe('t/#')
  const topics = new Set<string>()
  while (topics.size < 3_000) topics.add((await client.expect('publish')).topic)
  expect(topics.size).toBe(3_000)
})

it('refuses a publication of the hub itself that is larger than 16 MiB and than limits.packetSize', async () => {
  const { broker, eventLog } = await startTestBroker({ limits: { packetBytes: 1_000 } })
  const publish = (bytes: number) =>
    broker.publish({
      topic: 'a',
      payload: Buffer.alloc(bytes),
      qos: 1,
      retain: false,
      origin: 'hub',
      cause: null,
    })
  const { lastId } = eventLog
  await expect(publish(16 * 2 ** 20)).rejects.toThrow(
    /^Nothing was published to a: the message would be a packet of 16 MiB/,
  )
  expect(eventLog.lastId).toBe(lastId)
  expect(await publish(2_000)).toBe(lastId + 1)
})
