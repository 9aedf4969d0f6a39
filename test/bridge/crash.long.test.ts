// Bridges under load, with hubs and the far side killed by SIGKILL: nothing that was acknowledged is lost, in
// either direction; QoS 2 arrives once; two bridges between the same brokers come to rest.

import { expect } from 'vitest'
import { itWith } from '../support/tools.ts'
import { type BridgedHub, type Client, connectTo, isConnected, startBridgedHub } from './bridged-hub.ts'
import { type FarBroker, startMosquitto } from './far-brokers.ts'

const RECONNECT = { first: '20ms', longest: '200ms' }
const MINUTES = 60_000

/** Publishes numbers until it is told to stop; resolves with those that were acknowledged. */
function load(connect: () => Promise<Client>, topic: string, qos: 1 | 2) {
  const over = new AbortController()
  const acknowledged: number[] = []
  const done = (async () => {
    let next = 1
    while (!over.signal.aborted) {
      const client = await connect().catch(() => undefined)
      if (client === undefined) {
        await new Promise((resolve) => setTimeout(resolve, 50))
        continue
      }
      const gone = new Promise<void>((resolve) => client.mqtt.once('close', () => resolve()))
      while (!over.signal.aborted && client.mqtt.connected) {
        const some = Array.from({ length: 20 }, () => next++)
        const sent = some.map(async (number) => {
          await client.publish(topic, String(number), { qos })
          acknowledged.push(number)
        })
        await Promise.race([Promise.allSettled(sent), gone])
      }
      await client.mqtt.endAsync(true)
    }
  })()
  return {
    async stop(): Promise<readonly number[]> {
      over.abort()
      await done
      return acknowledged
    },
    acknowledged,
  }
}

/** A subscriber that the far broker remembers, so that it misses nothing. */
const listener = async (port: number, filter: string): Promise<Client> => {
  const options = { clientId: 'listener', clean: false, properties: { sessionExpiryInterval: 3_600 } }
  const client = await connectTo(port, { ...options, reconnectPeriod: 50 })
  await client.subscribe(filter, 2)
  return client
}

const numbersOf = (client: Client): number[] => client.heard.map(({ payload }) => Number(payload))
const missing = (acknowledged: readonly number[], client: Client): number[] => {
  const heard = new Set(numbersOf(client))
  return acknowledged.filter((number) => !heard.has(number))
}

async function settled(acknowledged: readonly number[], client: Client): Promise<void> {
  while (missing(acknowledged, client).length > 0) await new Promise((resolve) => setTimeout(resolve, 100))
}

const more = async (so: { acknowledged: readonly number[] }, count: number): Promise<void> => {
  const upTo = so.acknowledged.length + count
  while (so.acknowledged.length < upTo) await new Promise((resolve) => setTimeout(resolve, 10))
}

const bridged = (far: FarBroker, qos: 1 | 2) => ({
  bridges: {
    far: {
      url: far.url,
      reconnect: RECONNECT,
      topics: [
        { filter: 'up', qos },
        { filter: 'down', direction: 'in', qos },
      ],
    },
  },
})

itWith('mosquitto').each([1, 2] as const)(
  'loses nothing that goes out at QoS %s when hub and far side are killed',
  async (qos) => {
    const far = await startMosquitto()
    let near: BridgedHub = await startBridgedHub(bridged(far, qos))
    await near.until(isConnected)
    const { mqtt } = near.hub
    const there = await listener(far.port, 'up')
    const publisher = load(() => connectTo(mqtt, { reconnectPeriod: 0 }), 'up', qos)
    for (let round = 0; round < 2; round++) {
      await more(publisher, 300)
      await near.hub.end('SIGKILL')
      near = await near.restart()
    }
    if (qos === 1) {
      // Mosquitto itself loses what it has acknowledged since it last saved: it is stopped in order.
      await far.end('SIGTERM')
      await more(publisher, 300)
      await far.restart()
    }
    const acknowledged = await publisher.stop()
    await settled(acknowledged, there)
    if (qos === 2) {
      const heard = numbersOf(there)
      expect(heard.length).toBe(new Set(heard).size)
    }
  },
  5 * MINUTES,
)

itWith('mosquitto')(
  'loses nothing that comes in when the hub is killed, and takes QoS 2 once',
  async () => {
    const far = await startMosquitto()
    let near: BridgedHub = await startBridgedHub(bridged(far, 2))
    await near.until(({ state }) => state === 'connected')
    const options = { clientId: 'inside', clean: false, properties: { sessionExpiryInterval: 3_600 } }
    const inside = await near.client({ ...options, reconnectPeriod: 50 })
    await inside.subscribe('down', 2)
    const publisher = load(() => connectTo(far.port), 'down', 2)
    for (let round = 0; round < 2; round++) {
      await more(publisher, 300)
      await near.hub.end('SIGKILL')
      near = await near.restart()
    }
    const acknowledged = await publisher.stop()
    await settled(acknowledged, inside)
    const heard = numbersOf(inside)
    expect(heard.length).toBe(new Set(heard).size)
  },
  5 * MINUTES,
)

itWith('mosquitto')(
  'comes to rest with two bridges to the same Mosquitto',
  async () => {
    const far = await startMosquitto()
    const one = { url: far.url, reconnect: RECONNECT, topics: [{ filter: 'a/#', direction: 'both' }] }
    const near = await startBridgedHub({ bridges: { far: one, second: one } })
    await near.until(isConnected)
    await near.until(isConnected, 'second')
    const [here, there] = [await near.client(), await connectTo(far.port)]
    await here.subscribe('a/#')
    await there.subscribe('a/#')
    await here.publish('a/x', 'near')
    await there.publish('a/x', 'far')
    await here.hears(({ payload }) => payload === 'far')
    await there.hears(({ payload }) => payload === 'near')
    await near.until(({ dropped }) => dropped.loop > 0)
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    expect(here.heard.length + there.heard.length).toBeLessThanOrEqual(10)
  },
  5 * MINUTES,
)
