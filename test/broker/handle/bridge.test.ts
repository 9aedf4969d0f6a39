// What a client says that speaks for another broker.

import { expect, it } from 'vitest'
import { connectClient } from '../client.ts'
import { MemoryEventLog } from '../memory-event-log.ts'
import { startTestBroker } from '../test-broker.ts'

const RETAINED = { qos: 1, retain: true } as const

/** A bridge that connects, says what it has to say, and leaves. */
async function bridge(port: number, said: readonly string[], isBridge = true): Promise<void> {
  const client = await connectClient(port, 'other-broker', { version: 4, bridge: isBridge })
  for (const [index, payload] of said.entries()) {
    client.publish('home/mode', payload, { ...RETAINED, packetId: index + 1 })
    await client.expect('puback')
  }
  client.disconnect()
}

async function origins(sayings: readonly (readonly string[])[], isBridge = true): Promise<string[]> {
  const { eventLog, port } = await startTestBroker({ eventLog: new MemoryEventLog() })
  for (const said of sayings) await bridge(port, said, isBridge)
  return eventLog.of('home/mode').map(({ origin }) => origin)
}

it('marks the messages of a bridge as such', async () => {
  expect(await origins([['away', 'home']])).toEqual(['bridge', 'bridge'])
})

it('recognises what is retained already when a bridge says it again after it has connected', async () => {
  expect(await origins([['away'], ['away'], ['away']])).toEqual(['bridge', 'redelivered', 'redelivered'])
})

it('takes for news what has changed while the bridge was away', async () => {
  expect(await origins([['away'], ['home']])).toEqual(['bridge', 'bridge'])
})

it('takes for news what a bridge says once more while it is connected', async () => {
  expect(await origins([['away'], ['away', 'away']])).toEqual(['bridge', 'redelivered', 'bridge'])
  expect(await origins([['away', 'away']])).toEqual(['bridge', 'bridge'])
})

it('takes for news whatever a client says that is no bridge', async () => {
  expect(await origins([['away'], ['away']], false)).toEqual(['live', 'live'])
})

it('leaves the retained message as it was, and gives the repeat to whoever is connected', async () => {
  const { port } = await startTestBroker()
  await bridge(port, ['away'])
  const before = await connectClient(port, 'before')
  await before.subscribe('home/#', 0, { retainAsPublished: true, retainHandling: 2 })
  await bridge(port, ['away'])
  expect(await before.expect('publish')).toMatchObject({ topic: 'home/mode', retain: true })
})
