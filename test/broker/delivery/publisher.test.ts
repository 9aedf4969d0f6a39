// `src/broker/delivery/publisher.ts` is the way of every message, which the other tests of the broker go; here is who
// looks on.

import { expect, it } from 'vitest'
import type { Observer } from '../../../src/model/observer.ts'
import { connectClient } from '../client.ts'
import { startTestBroker } from '../test-broker.ts'

it('shows an observer every message, of clients and of the hub itself, until there is none', async () => {
  const { broker, port } = await startTestBroker({ isRecorded: (topic) => topic !== 'scratch' })
  const seen: unknown[] = []
  const observer: Observer = (topic, { draft, qos, retain, event }, origin, client) => {
    const { payload, payloadStart, payloadEnd } = draft
    const text = payload.toString('utf8', payloadStart, payloadEnd)
    seen.push([topic.topic, topic.recorded, text, qos, retain, event > 0, origin, client])
    topic.observed = seen
  }
  const client = await connectClient(port, 'lamp')
  broker.observe(observer)
  client.publish('a/b', 'one', { qos: 1, packetId: 1, retain: true })
  await client.expect('puback')
  client.publish('scratch', 'two', { qos: 1, packetId: 2 })
  await client.expect('puback')
  await broker.publish({
    topic: 'c',
    payload: Buffer.from('three'),
    qos: 0,
    retain: false,
    origin: 'hub',
    cause: null,
  })
  expect(seen).toEqual([
    ['a/b', true, 'one', 1, true, true, 'live', 'lamp'],
    ['scratch', false, 'two', 1, false, false, 'live', 'lamp'],
    ['c', true, 'three', 0, false, true, 'hub', null],
  ])
  expect([broker.isRetained('a/b'), broker.isRetained('c')]).toEqual([true, false])
  broker.observe(null)
  client.publish('a/b', 'unseen', { qos: 1, packetId: 3 })
  await client.expect('puback')
  expect(seen).toHaveLength(3)
})
