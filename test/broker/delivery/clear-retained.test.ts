import { expect, test } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { clearRetained } from '../../../src/broker/delivery/clear-retained.ts'
import type { ClearingPorts } from '../../../src/broker/delivery/clear-retained.ts'
import { messageFrom } from '../../../src/broker/message/message.ts'
import type { RetainedMessage } from '../../../src/model/store.ts'
import { connectClient } from '../client.ts'
import { MemoryEventLog } from '../memory-event-log.ts'
import { startTestBroker } from '../test-broker.ts'

const message = (topic: string, event: number): RetainedMessage => ({
  topic,
  event,
  at: 0,
  payload: Buffer.from('x'),
  qos: 1,
  properties: null,
})

test('clears what matches for all to hear, the topics of the hub too, and leaves what is newer', async () => {
  const eventLog = new MemoryEventLog()
  const retained = [message('vigie/ping/gone', 1), message('a/old', 2), message('a/new', 3)]
  const { broker, port } = await startTestBroker({ eventLog, retained })
  const client = await connectClient(port, 'a')
  await client.subscribe('a/#', 1, { retainHandling: 2 })
  expect(await broker.clearRetained({ filter: '#', upTo: 2 })).toEqual({ cleared: 1, isAll: true })
  expect(await client.expect('publish')).toMatchObject({ topic: 'a/old', retain: false })
  expect(await broker.clearRetained({ filter: 'vigie/ping/#', upTo: 2 })).toEqual({ cleared: 1, isAll: true })
  const cleared = eventLog.events.filter(({ origin }) => origin === 'http')
  expect(cleared.map(({ topic, retain, payload }) => [topic, retain, payload.length])).toEqual([
    ['a/old', true, 0],
    ['vigie/ping/gone', true, 0],
  ])
  expect(eventLog.committedId).toBeGreaterThanOrEqual(cleared.at(-1)!.id)
  await client.subscribe('a/+', 1)
  expect(await client.expect('publish')).toMatchObject({ topic: 'a/new', retain: true })
})

test('clears ten thousand at a time, and lets the journal keep up', async () => {
  const topics = new Set(Array.from({ length: 10_001 }, (_, index) => `a/${index}`))
  let published = 0
  let committed = 0
  let mostAhead = 0
  const ports: ClearingPorts = {
    clock: new ManualClock(),
    retained: {
      *search() {
        for (const topic of topics) yield { ...messageFrom({ ...message(topic, 1), retain: true }), event: 1 }
      },
    },
    publisher: {
      publishMessage({ topic }) {
        topics.delete(topic)
        return ++published
      },
    },
    committed: async (event) => {
      mostAhead = Math.max(mostAhead, event - committed)
      committed = event
    },
  }
  const all = { filter: 'a/#', upTo: 1 }
  expect(await clearRetained(ports, all)).toEqual({ cleared: 10_000, isAll: false })
  expect(await clearRetained(ports, all)).toEqual({ cleared: 1, isAll: true })
  expect(mostAhead).toBe(64)
})
