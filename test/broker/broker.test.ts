// The broker as the rest of the hub sees it.
//
// Covers `src/broker/broker.ts`, `src/broker/assemble.ts`, `src/broker/clients/system-topics.ts`,
// `src/broker/clients/presence.ts`.

import { expect, it, onTestFinished, vi } from 'vitest'
import { ManualClock } from '../../src/base/clock.ts'
import { readableLog } from '../support/log.ts'
import { connectClient } from './client.ts'
import { MemoryEventLog } from './memory-event-log.ts'
import { startTestBroker } from './test-broker.ts'

/** What `mosquitto_sub -t '$SYS/#' -v` shows of Mosquitto 2.0.11. */
const LOADS =
  `bytes/received bytes/sent connections messages/received messages/sent publish/dropped publish/received
  publish/sent sockets`.split(/\s+/)
const SYSTEM_TOPICS = [
  'retained messages/count',
  ...`bytes/received bytes/sent clients/active clients/connected clients/disconnected clients/expired clients/inactive
    clients/maximum clients/total heap/current heap/maximum messages/received messages/sent messages/stored
    publish/bytes/received publish/bytes/sent publish/messages/dropped publish/messages/received publish/messages/sent
    shared_subscriptions/count store/messages/bytes store/messages/count subscriptions/count uptime version`.split(
    /\s+/,
  ),
  ...LOADS.flatMap((name) => ['1min', '5min', '15min'].map((length) => `load/${name}/${length}`)),
]

const hello = { payload: Buffer.from('hello'), qos: 1, retain: false, origin: 'hub', cause: null } as const

it("publishes in the hub's name: delivered at once, resolved with the event's id when committed", async () => {
  const eventLog = new MemoryEventLog('by hand')
  const { broker, port } = await startTestBroker({ eventLog, isRecorded: () => false })
  const client = await connectClient(port, 'a')
  await client.subscribe('vigie/runs/#', 1)
  const cause = { event: 1, run: 2, depth: 1 }
  let resolved = 0
  const published = broker.publish({
    ...hello,
    topic: 'vigie/runs/x',
    cause,
    properties: { contentType: 'text' },
  })
  void published.then((id) => (resolved = id))
  expect(await client.expect('publish')).toMatchObject({ properties: { contentType: 'text' } })
  expect(resolved).toBe(0)
  const [event] = eventLog.of('vigie/runs/x')
  expect(event).toMatchObject({ origin: 'hub', client: null, cause, recorded: false })
  eventLog.commit()
  expect(await published).toBe(event!.id)
})

it('retains what the hub says, and takes it back', async () => {
  const { broker, port } = await startTestBroker()
  await broker.publish({ ...hello, topic: 'vigie/ping/nas', retain: true })
  const client = await connectClient(port, 'a')
  await client.subscribe('vigie/ping/+', 1)
  expect(await client.expect('publish')).toMatchObject({ topic: 'vigie/ping/nas', retain: true, qos: 1 })
  await broker.publish({ ...hello, topic: 'vigie/ping/nas', retain: true, payload: Buffer.alloc(0) })
  const late = await connectClient(port, 'b')
  await late.subscribe('vigie/ping/+', 1)
  expect(await late.sentSoFar()).toEqual([])
})

it('starts with what was retained before, with its properties and what is left of its expiry', async () => {
  const at = Date.now()
  const properties = Buffer.from('020000003c010126000161000162', 'hex')
  const kept = { topic: 't/kept', event: 0, at, payload: Buffer.from('x'), qos: 1 as const, properties }
  const gone = { ...kept, topic: 't/gone', at: at - 61_000 }
  const { port } = await startTestBroker({ retained: [kept, gone] })
  const client = await connectClient(port, 'a')
  await client.subscribe('t/#', 1)
  const [packet, ...more] = await client.sentSoFar()
  expect(more).toEqual([])
  expect(packet).toMatchObject({
    topic: 't/kept',
    retain: true,
    properties: { userProperties: [['a', 'b']] },
  })
})

it('reckons the expiry of what was retained by the time that was meant when the clock has been set since', async () => {
  const now = Date.now()
  const properties = Buffer.from('020000003c', 'hex')
  const kept = {
    topic: 't/kept',
    event: 0,
    at: 100_000,
    payload: Buffer.from('x'),
    qos: 1 as const,
    properties,
  }
  const gone = { ...kept, topic: 't/gone', at: 100_000 - 61_000 }
  const { port } = await startTestBroker({
    retained: [kept, gone],
    clockSets: [{ afterEvent: 0, byMs: now - 100_000 }],
  })
  const client = await connectClient(port, 'a')
  await client.subscribe('t/#', 1)
  expect((await client.sentSoFar()).map((packet) => 'topic' in packet && packet.topic)).toEqual(['t/kept'])
})

it('says goodbye to all clients when it stops, and may be stopped twice', async () => {
  const { broker, eventLog, port } = await startTestBroker()
  const [five, four] = [await connectClient(port, 'a'), await connectClient(port, 'b', { version: 4 })]
  const stopped = broker.stop()
  expect(await five.expect('disconnect')).toMatchObject({ reasonCode: 0x8b })
  await five.expectClosed()
  await four.expectClosed()
  await stopped
  await broker.stop()
  expect(JSON.parse(eventLog.of('vigie/clients/a').at(-1)!.payload.toString())).toMatchObject({
    reason: 'stopped',
  })
  await expect(connectClient(port, 'c')).rejects.toThrow('ECONNREFUSED')
})

it("tells $SYS in Mosquitto's names, which wildcards do not match and clients cannot publish on", async () => {
  const { port } = await startTestBroker()
  const client = await connectClient(port, 'a')
  await client.subscribe('$SYS/broker/version')
  expect((await client.expect('publish')).payload.toString()).toBe('vigie version 0.0.0')
  client.publish('$SYS/broker/version', 'other', { qos: 1 })
  expect(await client.expect('puback')).toMatchObject({ reasonCode: 0x87 })
  await client.subscribe('+/broker/#')
  expect(await client.sentSoFar()).toEqual([])
})

it('has every name that Mosquitto has under $SYS, in its units and from the beginning', async () => {
  const { port } = await startTestBroker()
  const client = await connectClient(port, 'a')
  await client.subscribe('$share/readers/t')
  await client.subscribe('$SYS/broker/#')
  const told = new Map<string, string>()
  while (told.size < SYSTEM_TOPICS.length) {
    const { topic, payload } = await client.expect('publish')
    told.set(topic.slice('$SYS/broker/'.length), payload.toString())
  }
  expect([...told.keys()].toSorted()).toEqual(SYSTEM_TOPICS.toSorted())
  expect(told.get('uptime')).toBe('0 seconds')
  const numbers = [...told].filter(([name]) => !['uptime', 'version'].includes(name))
  for (const [name, value] of numbers)
    expect(`${name} ${value}`).toMatch(name.startsWith('load/') ? / \d+\.\d\d$/ : / \d+$/)
})

it('counts under $SYS shared subscriptions apart, and sockets and CONNECTs by the minute', async () => {
  const clock = new ManualClock(1_000_000)
  const { port } = await startTestBroker({ clock })
  const client = await connectClient(port, 'a')
  await client.subscribe('$share/readers/t')
  await client.subscribe('t')
  clock.advance(10_000)
  const valueOf = async (name: string): Promise<string> => {
    await client.subscribe(`$SYS/broker/${name}`)
    return (await client.expect('publish')).payload.toString()
  }
  expect(await valueOf('shared_subscriptions/count')).toBe('1')
  expect(await valueOf('subscriptions/count')).toBe('1')
  // One in ten seconds are six a minute, of which the first ten seconds of a minute weigh 1 - exp(-1/6).
  expect(await valueOf('load/sockets/1min')).toBe('0.92')
  expect(await valueOf('load/connections/1min')).toBe('0.92')
})

it('ends the connection when a fault of its own keeps it from dealing with a packet [v3 MQTT-4.8.0-2]', async () => {
  const { eventLog, port } = await startTestBroker()
  const client = await connectClient(port, 'a')
  vi.spyOn(eventLog, 'append').mockImplementationOnce(() => {
    throw new Error('No room.')
  })
  client.publish('t', 'hello', { qos: 1 })
  expect(await client.expect('disconnect')).toMatchObject({ reasonCode: 0x80, properties: undefined })
  await client.expectClosed()
})

it('tells the client and the operator which filter was ill-formed, and how', async () => {
  const { log, lines } = readableLog()
  const { port } = await startTestBroker({ log })
  const client = await connectClient(port, 'a')
  const subscriptions = [
    { filter: 'bad/#/filter', qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 },
  ] as const
  client.send({ type: 'subscribe', packetId: 1, subscriptions })
  const why =
    'The topic filter "bad/#/filter" has # in level 2 of 3 ("#"); # must stand alone in the last level'
  expect(await client.expect('disconnect')).toMatchObject({
    reasonCode: 0x8f,
    properties: { reasonString: expect.stringContaining(why) as string },
  })
  await client.expectClosed()
  expect(lines).toContainEqual(
    expect.stringContaining(`Closed the connection of client "a" at 127.0.0.1: ${why}`),
  )
})

it('goes on where the system cannot tell how much memory it takes, for want of files', async () => {
  const clock = new ManualClock(0)
  const { port } = await startTestBroker({ clock })
  const rss = vi.spyOn(process.memoryUsage, 'rss').mockImplementation(() => {
    throw new Error('EMFILE: too many open files')
  })
  onTestFinished(() => rss.mockRestore())
  clock.advance(10_000)
  expect(rss).toHaveBeenCalled()
  const client = await connectClient(port, 'a')
  await client.subscribe('$SYS/broker/uptime', 0)
  expect(await client.expect('publish')).toMatchObject({ payload: Buffer.from('10 seconds') })
})

it('appends a pause of the hub before the first message that comes after it, and before it is asked for the last event', async () => {
  const clock = new ManualClock(1_000_000)
  const { broker, port, eventLog } = await startTestBroker({ clock })
  const client = await connectClient(port, 'a')
  clock.stall(10_000)
  client.publish('a', 'meanwhile', { qos: 1 })
  await client.expect('puback')
  const topics = (): string[] => eventLog.events.map(({ topic }) => topic)
  expect(topics()).toEqual(['vigie/clients/a', 'vigie/hub/pause', 'a'])
  clock.stall(10_000)
  expect(broker.lastEventId()).toBe(eventLog.lastId)
  expect(eventLog.events.at(-1)).toMatchObject({ topic: 'vigie/hub/pause', at: 1_020_000, origin: 'hub' })
})
