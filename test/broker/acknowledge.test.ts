// Keep, then acknowledge: the promise that everything else stands on.
//
// Covers `src/broker/connection/acks.ts`, `src/broker/delivery/publisher.ts`,
// `src/broker/handle/publish.ts`, `src/model/store.ts`.

import { expect, it } from 'vitest'
import { ManualClock } from '../../src/base/clock.ts'
import { connectClient, connectPacket, openClient } from './client.ts'
import { MemoryEventLog } from './memory-event-log.ts'
import { startTestBroker } from './test-broker.ts'

/** Nothing but what clients publish under `kept/` is recorded, so that ids are easy to tell. */
const start = (eventLog = new MemoryEventLog('by hand')) =>
  startTestBroker({ eventLog, isRecorded: (topic) => topic.startsWith('kept/') })

it.each([
  [1, 'puback'],
  [2, 'pubrec'],
] as const)('sends no acknowledgement of QoS %i before its event is committed', async (qos, answer) => {
  const { eventLog, port } = await start()
  const client = await connectClient(port, 'a')
  client.publish('kept/a', 'hello', { qos, packetId: 7 })
  expect(await client.sentSoFar()).toEqual([])
  expect(eventLog.of('kept/a')).toHaveLength(1)
  eventLog.commit()
  expect(await client.expect(answer)).toMatchObject({ packetId: 7, reasonCode: 0 })
})

it('acknowledges what has been committed, in order, and no more', async () => {
  const { eventLog, port } = await start()
  const client = await connectClient(port, 'a')
  for (const packetId of [1, 2, 3])
    client.publish('kept/a', 'hello', { qos: packetId === 2 ? 2 : 1, packetId })
  expect(await client.sentSoFar()).toEqual([])
  eventLog.commit(eventLog.of('kept/a')[1]!.id)
  expect(await client.expect('puback')).toMatchObject({ packetId: 1 })
  expect(await client.expect('pubrec')).toMatchObject({ packetId: 2 })
  expect(await client.sentSoFar()).toEqual([])
  eventLog.commit()
  expect(await client.expect('puback')).toMatchObject({ packetId: 3 })
})

it('acknowledges at once what nobody records, matches or is owed, but never before what came earlier', async () => {
  const { eventLog, port } = await start()
  const client = await connectClient(port, 'a')
  client.publish('free/a', 'hello', { qos: 1, packetId: 1 })
  expect(await client.expect('puback')).toMatchObject({ packetId: 1, reasonCode: 0x10 })
  client.publish('kept/a', 'hello', { qos: 1, packetId: 2 })
  client.publish('free/a', 'hello', { qos: 1, packetId: 3 })
  expect(await client.sentSoFar()).toEqual([])
  eventLog.commit()
  expect(await client.expect('puback')).toMatchObject({ packetId: 2 })
  expect(await client.expect('puback')).toMatchObject({ packetId: 3 })
})

it('keeps what a rule wants, unrecorded, and acknowledges it after the commit', async () => {
  const { broker, eventLog, port } = await start()
  broker.setInterest('rules', ['free/#'])
  const client = await connectClient(port, 'a')
  client.publish('free/a', 'hello', { qos: 1, packetId: 1 })
  expect(await client.sentSoFar()).toEqual([])
  expect(eventLog.of('free/a')).toMatchObject([{ recorded: false, origin: 'live', client: 'a', qos: 1 }])
  eventLog.commit()
  expect(await client.expect('puback')).toMatchObject({ packetId: 1, reasonCode: 0 })
  broker.setInterest('rules', [])
  client.publish('free/a', 'hello', { qos: 1, packetId: 2 })
  expect(await client.expect('puback')).toMatchObject({ packetId: 2 })
})

it('acknowledges a retained message, and one that an absent session is owed, after the commit', async () => {
  const { eventLog, port } = await start(new MemoryEventLog())
  const absent = await connectClient(port, 'absent', { clean: false, version: 4 })
  await absent.subscribe('owed/#', 1)
  absent.disconnect()
  await absent.expectClosed()
  const client = await connectClient(port, 'a')
  eventLog.commits = 'by hand'
  client.publish('owed/a', 'hello', { qos: 1, packetId: 1 })
  client.publish('free/a', 'hello', { qos: 1, packetId: 2, retain: true })
  expect(await client.sentSoFar()).toEqual([])
  expect(eventLog.of()).toMatchObject([
    { topic: 'owed/a', recorded: false, retain: false },
    { topic: 'free/a', recorded: false, retain: true },
  ])
  eventLog.commit()
  expect(await client.expect('puback')).toMatchObject({ packetId: 1 })
  expect(await client.expect('puback')).toMatchObject({ packetId: 2 })
})

it('acknowledges nothing while the journal is in trouble, and all of it when that is over', async () => {
  const { eventLog, port } = await start()
  const client = await connectClient(port, 'a')
  eventLog.trouble = 'the disk is full'
  client.publish('kept/a', 'hello', { qos: 1, packetId: 1 })
  client.publish('free/a', 'hello', { qos: 1, packetId: 2 })
  client.publish('kept/a', 'hello', { qos: 2, packetId: 3 })
  expect(await client.sentSoFar()).toEqual([])
  eventLog.trouble = null
  eventLog.commit()
  expect(await client.expect('puback')).toMatchObject({ packetId: 1 })
  expect(await client.expect('puback')).toMatchObject({ packetId: 2 })
  expect(await client.expect('pubrec')).toMatchObject({ packetId: 3 })
})

it('answers a second copy of a QoS 2 message when the first is committed, also on another connection', async () => {
  const { eventLog, port } = await start(new MemoryEventLog())
  const session = { clean: false, properties: { sessionExpiryInterval: 60 } }
  const before = await connectClient(port, 'a', session)
  eventLog.commits = 'by hand'
  before.publish('kept/a', 'hello', { qos: 2, packetId: 5 })
  before.publish('kept/a', 'hello', { qos: 2, packetId: 5, dup: true })
  expect(await before.sentSoFar()).toEqual([])
  before.peer.socket.destroy()
  const after = await openClient(port)
  after.send(connectPacket('a', session))
  eventLog.commits = 'at once'
  await connectClient(port, 'b') // its presence is committed after all of that
  expect(await after.expect('connack')).toMatchObject({ sessionPresent: true })
  after.publish('kept/a', 'hello', { qos: 2, packetId: 5, dup: true })
  expect(await after.expect('pubrec')).toMatchObject({ packetId: 5, reasonCode: 0 })
  expect(eventLog.of('kept/a')).toHaveLength(1)
})

it('delivers at once, and does not wait for the commit', async () => {
  const { port } = await start()
  const subscriber = await connectClient(port, 'a')
  await subscriber.subscribe('kept/#', 1)
  const publisher = await connectClient(port, 'b')
  publisher.publish('kept/a', 'hello', { qos: 1 })
  expect(await subscriber.expect('publish')).toMatchObject({ topic: 'kept/a' })
  expect(await publisher.sentSoFar()).toEqual([])
})

it('keeps an event whole: topic, payload, properties, publisher, moment', async () => {
  const { eventLog, port } = await start(new MemoryEventLog())
  const client = await connectClient(port, 'a')
  const properties = { messageExpiryInterval: 60, topicAlias: 1, userProperties: [['k', 'v']] as const }
  client.publish('kept/a', 'hello', { qos: 1, retain: true, properties })
  await client.expect('puback')
  const [event] = eventLog.of('kept/a')
  expect(event).toMatchObject({
    client: 'a',
    qos: 1,
    retain: true,
    origin: 'live',
    cause: null,
    recorded: true,
  })
  expect(Buffer.from(event!.payload).toString()).toBe('hello')
  expect(Buffer.from(event!.properties!).toString('hex')).toBe('020000003c2600016b000176')
  expect(Math.abs(Date.now() - event!.at)).toBeLessThan(60_000)
})

it('reads no more from a publisher while the journal is congested, and goes on when it has drained', async () => {
  const { eventLog, port } = await start(new MemoryEventLog())
  const client = await connectClient(port, 'a')
  const other = await connectClient(port, 'b')
  eventLog.congested = true
  client.publish('kept/a', 'one', { qos: 1, packetId: 1 })
  await client.expect('puback')
  client.publish('kept/a', 'two', { qos: 1, packetId: 2 })
  // Far more than the buffers of both sockets hold: it can leave the client only if somebody reads.
  client.publish('kept/a', 'three'.repeat(3_000_000))
  // A client that publishes nothing is served as ever; each of its answers takes a turn in which the first
  // could be read.
  for (let turn = 0; turn < 20; turn++) expect(await other.sentSoFar()).toEqual([])
  expect(client.peer.socket.writableLength).toBeGreaterThan(0)
  expect(eventLog.of('kept/a')).toHaveLength(1)
  eventLog.drain()
  expect(await client.expect('puback')).toMatchObject({ packetId: 2 })
  await client.sentSoFar()
  expect(eventLog.of('kept/a')).toHaveLength(3)
  expect(client.peer.socket.writableLength).toBe(0)
})

it('reads on from a publisher whose messages nobody keeps, however congested the journal is', async () => {
  const { eventLog, port } = await start(new MemoryEventLog())
  const client = await connectClient(port, 'a')
  eventLog.congested = true
  client.publish('other/a', 'one')
  client.publish('other/a', 'two', { qos: 1, packetId: 1 })
  await client.expect('puback')
  expect(await client.sentSoFar()).toEqual([])
})

it('thinks no client dead whose packets lay unread while the hub was held up', async () => {
  const clock = new ManualClock()
  const { broker, eventLog, port } = await startTestBroker({ clock })
  const payload = Buffer.alloc(0)
  const will = { topic: 'w', payload, qos: 1, retain: false } as const
  const clients = await Promise.all(
    ['a', 'b', 'c'].map((id) => connectClient(port, id, { keepAlive: 5, will })),
  )
  for (const client of clients) client.send({ type: 'pingreq' })
  clock.stall(30_000)
  clock.advance(0)
  for (const client of clients) await client.expect('pingresp')
  clock.advance(5_000)
  expect(broker.stats().connections).toBe(3)
  expect(eventLog.of('w')).toEqual([])
  clock.advance(5_000)
  for (const client of clients) await client.expectClosed()
  expect(eventLog.of('w')).toHaveLength(3)
})

it('thinks no publisher dead that it has not listened to', async () => {
  const clock = new ManualClock()
  const eventLog = new MemoryEventLog()
  const { broker, port } = await startTestBroker({ clock, eventLog })
  const client = await connectClient(port, 'a', { keepAlive: 10 })
  const other = await connectClient(port, 'b')
  eventLog.congested = true
  client.publish('kept/a', 'one', { qos: 1, packetId: 1 })
  await client.expect('puback')
  clock.advance(60_000)
  client.publish('kept/a', 'two', { qos: 1, packetId: 2 })
  expect(await other.sentSoFar()).toEqual([])
  eventLog.drain()
  clock.advance(10_000)
  expect(await client.expect('puback')).toMatchObject({ packetId: 2 })
  expect(broker.stats().connections).toBe(2)
  clock.advance(20_000)
  await client.expectClosed()
})
