// What a client says that speaks for another broker.

import { describe, expect, it } from 'vitest'
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

describe('another hub', () => {
  const said = (path: string, event: string) => ({
    userProperties: [['vigie-path', path] as const, ['vigie-event', event] as const],
  })
  const hub = (port: number, id: string) =>
    connectClient(port, id, { properties: { userProperties: [['vigie-hub', id]] } })

  it('publishes a message once, by however many connections it comes', async () => {
    const { eventLog, port } = await startTestBroker({ hubId: 'here' })
    const [one, two] = [await hub(port, 'one'), await hub(port, 'two')]
    for (const client of [one, two, one]) {
      client.publish('a/b', 'x', { qos: 1, packetId: 1, properties: said('far', '9') })
      expect(await client.expect('puback')).toMatchObject({ packetId: 1 })
    }
    expect(eventLog.of('a/b')).toHaveLength(1)
  })

  it('is heard no more where a message has begun here', async () => {
    const { broker, eventLog, port } = await startTestBroker({ hubId: 'here' })
    const client = await hub(port, 'far')
    client.publish('a/b', 'x', { qos: 1, packetId: 1, properties: said('here far', '9') })
    await client.expect('puback')
    expect(eventLog.of('a/b')).toEqual([])
    expect(broker.stats().dropped.loop).toBe(1)
  })

  it('is told with each message which hubs it has passed, and its number at the first', async () => {
    const { eventLog, port } = await startTestBroker({ hubId: 'here' })
    const [far, plain] = [await hub(port, 'far'), await connectClient(port, 'plain')]
    for (const client of [far, plain]) await client.subscribe('a/#', 1)
    plain.publish('a/b', 'x', { qos: 1, packetId: 1 })
    const { properties } = await far.expect('publish')
    expect(properties).toMatchObject(said('here', String(eventLog.of('a/b')[0]!.id)))
    expect((await plain.expect('publish')).properties ?? {}).toEqual({})
    const other = await hub(port, 'other')
    other.publish('a/c', 'x', { qos: 1, packetId: 1, properties: said('other', '5') })
    expect((await far.expect('publish')).properties).toMatchObject(said('other here', '5'))
  })
})
