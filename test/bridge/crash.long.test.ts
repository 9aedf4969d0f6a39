// Bridges under load, with hubs and the far side killed by SIGKILL: nothing that was acknowledged is lost, in
// either direction; QoS 2 arrives once; rings and parallel bridges come to rest.

import { expect } from 'vitest'
import { itWith } from '../support/tools.ts'
import { type BridgedHub, type Client, connectTo, isConnected, startBridgedHub } from './bridged-hub.ts'
import { type FarBroker, startMosquitto } from './far-brokers.ts'

const RECONNECT = { first: '20ms', longest: '200ms' }
const MINUTES = 60_000

/** Publishes numbers until it is told to stop; resolves with those that were acknowledged. */
function load(connect: () => Promise<Client>, topic: string, qos: 1 | 2) {
  let isOver = false
  const acknowledged: number[] = []
  const done = (async () => {
    let next = 1
    while (!isOver) {
      const client = await connect().catch(() => undefined)
      if (client === undefined) {
        await new Promise((resolve) => setTimeout(resolve, 50))
        continue
      }
      const gone = new Promise<void>((resolve) => client.mqtt.once('close', () => resolve()))
      while (!isOver && client.mqtt.connected) {
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
      isOver = true
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
  'delivers a backlog of 20,000 after the far side was away, each once and in order',
  async () => {
    const far = await startMosquitto()
    const near = await startBridgedHub(bridged(far, 1))
    await near.until(isConnected)
    const there = await listener(far.port, 'up')
    await far.end('SIGTERM')
    await near.until(({ state }) => state === 'waiting')
    const here = await near.client()
    const all = Array.from({ length: 20_000 }, (_, index) => index + 1)
    for (let from = 0; from < all.length; from += 500)
      await Promise.all(all.slice(from, from + 500).map((number) => here.publish('up', String(number))))
    await far.restart()
    await there.count(all.length)
    expect(numbersOf(there)).toEqual(all)
    expect(await near.until(({ behind }) => behind === 0)).toMatchObject({ sent: all.length, lost: 0 })
  },
  5 * MINUTES,
)

/** Starts hubs whose ports the bridges of the others know: each begins alone, and gets its bridges then. */
async function hubs(count: number): Promise<BridgedHub[]> {
  const all: BridgedHub[] = []
  for (let index = 0; index < count; index++) all.push(await startBridgedHub({}))
  return all
}

const both = (to: BridgedHub) => ({
  url: `mqtt://127.0.0.1:${to.hub.mqtt}`,
  reconnect: RECONNECT,
  topics: [{ filter: 'a/#', direction: 'both' }],
})

itWith('sh')(
  'comes to rest in a ring of three hubs, and each has the message',
  async () => {
    const ring = await hubs(3)
    for (const [index, hub] of ring.entries()) {
      await hub.hub.end('SIGTERM')
      ring[index] = await hub.restart({ bridges: { far: both(ring[(index + 1) % 3]!) } })
    }
    await Promise.all(ring.map((hub) => hub.until(isConnected)))
    const clients = await Promise.all(ring.map((hub) => hub.client()))
    for (const client of clients) await client.subscribe('a/#')
    for (const [index, client] of clients.entries()) await client.publish('a/x', `from ${index}`)
    await Promise.all(clients.map((client) => client.hears(({ payload }) => payload === 'from 0')))
    const quiet = async (): Promise<number> => {
      const counts = () => clients.reduce((sum, { heard }) => sum + heard.length, 0)
      for (let before = -1; before !== counts();) {
        before = counts()
        await new Promise((resolve) => setTimeout(resolve, 1_000))
      }
      return counts()
    }
    // Three messages at three hubs, by two ways round at most.
    expect(await quiet()).toBeLessThanOrEqual(18)
    for (const { heard } of clients)
      expect(new Set(heard.map(({ payload }) => payload))).toEqual(new Set(['from 0', 'from 1', 'from 2']))
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

const RULES = `
import { publish, rule } from 'vigie'
export const work = rule('work', { on: 'orders/+', do: ({ payload }) => publish('done', String(payload)) })
`

itWith('mosquitto')(
  'shares the work of a foreign broker with two other hubs, and loses nothing when hubs are killed',
  async () => {
    const far = await startMosquitto()
    const config = {
      attach: { url: far.url, group: 'hubs', filters: ['orders/+'], reconnect: RECONNECT },
      bridges: { out: { url: far.url, reconnect: RECONNECT, topics: [{ filter: 'done' }] } },
    }
    const members: BridgedHub[] = []
    for (let index = 0; index < 3; index++) members.push(await startBridgedHub(config, { rules: RULES }))
    for (const member of members) await member.until(isConnected, 'attach')
    const results = await listener(far.port, 'done')
    const publisher = load(() => connectTo(far.port), 'orders/x', 1)
    await more(publisher, 300)
    await members[0]!.hub.end('SIGKILL')
    await more(publisher, 300)
    members[0] = await members[0]!.restart()
    await members[1]!.hub.end('SIGKILL')
    members[1] = await members[1]!.restart()
    const acknowledged = await publisher.stop()
    await settled(acknowledged, results)
    const worked = await Promise.all(members.map((member) => member.bridge('attach')))
    for (const { received } of worked) expect(received).toBeGreaterThan(0)
  },
  5 * MINUTES,
)
