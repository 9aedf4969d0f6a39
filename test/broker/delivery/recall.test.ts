// What is retained, told to rules that came later.

import { expect, it } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { connectClient } from '../client.ts'
import { MemoryEventLog } from '../memory-event-log.ts'
import { startTestBroker } from '../test-broker.ts'

it('appends what is retained as events that no client gets, once they are committed', async () => {
  const eventLog = new MemoryEventLog()
  const { broker, port } = await startTestBroker({ eventLog })
  const client = await connectClient(port, 'a')
  client.publish('conf/a', 'x', { qos: 1, packetId: 1, retain: true })
  client.publish('conf/b', 'y', { qos: 1, packetId: 2, retain: true })
  await client.expect('puback')
  await client.expect('puback')
  await client.subscribe('conf/#', 1, { retainHandling: 2 })
  const [a, b] = ['conf/a', 'conf/b'].map((topic) => ({ topic, event: eventLog.of(topic)[0]!.id }))
  await broker.recall([b!, a!])
  const told = eventLog.events.slice(-2)
  expect(told).toMatchObject([
    { topic: 'conf/b', origin: 'retained', retain: false, qos: 0, client: null, cause: { event: b!.event } },
    { topic: 'conf/a', origin: 'retained', cause: { event: a!.event } },
  ])
  expect(eventLog.committedId).toBe(told[1]!.id)
  expect(await client.sentSoFar()).toEqual([])
})

it('leaves out what is no longer retained, was replaced or has expired', async () => {
  const eventLog = new MemoryEventLog()
  const clock = new ManualClock()
  const { broker, port } = await startTestBroker({ eventLog, clock })
  const client = await connectClient(port, 'a')
  const properties = { messageExpiryInterval: 5 }
  client.publish('conf/expired', 'x', { qos: 1, packetId: 1, retain: true, properties })
  client.publish('conf/replaced', 'x', { qos: 1, packetId: 2, retain: true })
  client.publish('conf/replaced', 'y', { qos: 1, packetId: 3, retain: true })
  client.publish('conf/removed', 'x', { qos: 1, packetId: 4, retain: true })
  client.publish('conf/removed', '', { qos: 1, packetId: 5, retain: true })
  for (let count = 0; count < 5; count++) await client.expect('puback')
  clock.advance(6_000)
  const { length } = eventLog.events
  const topics = ['conf/expired', 'conf/replaced', 'conf/removed', 'conf/never']
  await broker.recall(topics.map((topic) => ({ topic, event: eventLog.of(topic)[0]?.id ?? 1 })))
  expect(eventLog.events).toHaveLength(length)
})
