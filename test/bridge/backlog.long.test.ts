// What gathers while the far side is away, hangs, or is started anew, and while the hub is: it is delivered
// when both are there, each message once and in order.

import { expect } from 'vitest'
import { itWith } from '../support/tools.ts'
import { type BridgedHub, type Client, connectTo, isConnected, startBridgedHub } from './bridged-hub.ts'
import { type FarBroker, startMosquitto } from './far-brokers.ts'

const BACKLOG = 20_000
const AT_ONCE = 1_000

const bridged = (far: FarBroker, rest: object = {}) => ({
  bridges: {
    far: {
      url: far.url,
      reconnect: { first: '20ms', longest: '200ms' },
      topics: [{ filter: 'up' }, { filter: 'down', direction: 'in' }],
      ...rest,
    },
  },
})

/** A subscriber that the broker remembers, so that it misses nothing. */
async function listener(port: number, filter: string): Promise<Client> {
  const options = { clientId: 'listener', clean: false, properties: { sessionExpiryInterval: 3_600 } }
  const client = await connectTo(port, { ...options, reconnectPeriod: 50 })
  await client.subscribe(filter, 2)
  return client
}

const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index)

async function publish(client: Client, topic: string, all: readonly number[]): Promise<void> {
  for (let from = 0; from < all.length; from += AT_ONCE)
    await Promise.all(all.slice(from, from + AT_ONCE).map((number) => client.publish(topic, String(number))))
}

const heard = (client: Client): number[] => client.heard.map(({ payload }) => Number(payload))

itWith('mosquitto')(
  `delivers a backlog of ${BACKLOG} when the far side is back, each message once and in order`,
  async () => {
    const far = await startMosquitto([], { saves: 'at-end' })
    const near = await startBridgedHub(bridged(far))
    await near.until(isConnected)
    const there = await listener(far.port, 'up')
    await far.end('SIGTERM')
    await near.until(({ state }) => state === 'waiting')
    await publish(await near.client(), 'up', numbers(1, BACKLOG))
    await far.restart()
    await there.count(BACKLOG)
    expect(heard(there)).toEqual(numbers(1, BACKLOG))
    expect(await near.until(({ behind }) => behind === 0)).toMatchObject({ sent: BACKLOG, lost: 0 })
  },
  240_000,
)

itWith('mosquitto')(
  'notices a far side that hangs, and goes on where it was when that has come to itself',
  async () => {
    const far = await startMosquitto()
    const near = await startBridgedHub(bridged(far, { keepAlive: '2s' }))
    await near.until(isConnected)
    const there = await listener(far.port, 'up')
    const here = await near.client()
    await publish(here, 'up', numbers(1, 100))
    await near.until(({ sent }) => sent === 100)
    far.signal('SIGSTOP')
    await publish(here, 'up', numbers(101, 1_000))
    expect(await near.until(({ state }) => state === 'waiting')).toMatchObject({
      reason: expect.stringMatching(/has not answered for|does not answer/) as string,
    })
    far.signal('SIGCONT')
    await near.until(({ behind, state }) => state === 'connected' && behind === 0)
    await there.hears(({ payload }) => payload === '1000')
    // Those that lay in the socket of the hanging broker are sent again, with DUP: at least once.
    expect([...new Set(heard(there))]).toEqual(numbers(1, 1_000))
  },
  240_000,
)

itWith('mosquitto')(
  'loses and repeats nothing when both sides are started anew in turn, in either direction',
  async () => {
    const far = await startMosquitto()
    let near: BridgedHub = await startBridgedHub(bridged(far))
    await near.until(isConnected)
    const there = await listener(far.port, 'up')
    const here = await listener(near.hub.mqtt, 'down')
    const round = async (from: number): Promise<void> => {
      await publish(await near.client(), 'up', numbers(from, from + 99))
      await publish(await connectTo(far.port), 'down', numbers(from, from + 99))
      await Promise.all([there.count(from + 99), here.count(from + 99)])
    }
    await round(1)
    await near.hub.end('SIGTERM')
    near = await near.restart()
    await round(101)
    await near.until(({ behind }) => behind === 0)
    await far.end('SIGTERM')
    await near.until(({ state }) => state === 'waiting')
    await far.restart()
    await near.until(isConnected)
    await round(201)
    for (const client of [there, here]) expect(heard(client)).toEqual(numbers(1, 300))
  },
  240_000,
)
