// Hubs in a ring, and hubs with two bridges between them: each message comes to each hub, once.

import { expect } from 'vitest'
import { itWith } from '../support/tools.ts'
import { type BridgedHub, type Client, isConnected, startBridgedHub } from './bridged-hub.ts'
import { freePort } from './far-brokers.ts'

const MESSAGES = 30

const bridgeTo = (port: number, rest: object = {}) => ({
  url: `mqtt://127.0.0.1:${port}`,
  reconnect: { first: '20ms', longest: '200ms' },
  topics: [{ filter: 'a/#', direction: 'both' }],
  ...rest,
})

/** Publishes at each hub, and resolves with what each has heard once nothing is under way any more. */
async function heardEverywhere(hubs: readonly BridgedHub[]): Promise<string[][]> {
  const clients = await Promise.all(hubs.map((hub) => hub.client()))
  for (const client of clients) await client.subscribe('a/#')
  await publishAt(clients)
  await marked(clients, 'first')
  // What has come by longer ways is there when a second mark has come by all of them.
  await Promise.all(hubs.map((hub) => hub.until(({ behind }) => behind === 0)))
  await marked(clients, 'second')
  return clients.map(({ heard }) => heard.map(({ payload }) => payload).toSorted())
}

const publishAt = (clients: readonly Client[]): Promise<unknown> =>
  Promise.all(
    clients.flatMap((client, index) =>
      Array.from({ length: MESSAGES }, (_, number) => client.publish('a/x', `${index}:${number + 1}`)),
    ),
  )

async function marked(clients: readonly Client[], mark: string): Promise<void> {
  await Promise.all(clients.map((client, index) => client.publish('a/mark', `${mark} ${index}`)))
  for (const client of clients)
    for (const index of clients.keys()) await client.hears(({ payload }) => payload === `${mark} ${index}`)
}

const allOf = (hubs: number): string[] =>
  Array.from({ length: hubs }, (_, hub) => [
    ...Array.from({ length: MESSAGES }, (_hub, index) => `${hub}:${index + 1}`),
    `first ${hub}`,
    `second ${hub}`,
  ])
    .flat()
    .toSorted()

itWith('sh')(
  'brings each message once to each of three hubs in a ring',
  async () => {
    const ports = [await freePort(), await freePort(), await freePort()]
    const ring = await Promise.all(
      ports.map((port, index) =>
        startBridgedHub({ bridges: { far: bridgeTo(ports[(index + 1) % 3]!) } }, { port }),
      ),
    )
    await Promise.all(ring.map((hub) => hub.until(isConnected)))
    for (const heard of await heardEverywhere(ring)) expect(heard).toEqual(allOf(3))
  },
  240_000,
)

itWith('sh')(
  'brings each message once over two bridges between the same hubs',
  async () => {
    const far = await startBridgedHub({})
    const near = await startBridgedHub({
      bridges: { far: bridgeTo(far.hub.mqtt), second: bridgeTo(far.hub.mqtt) },
    })
    for (const name of ['far', 'second']) await near.until(isConnected, name)
    const clients = [await near.client(), await far.client()]
    for (const client of clients) await client.subscribe('a/#')
    await publishAt(clients)
    await marked(clients, 'first')
    for (const name of ['far', 'second']) await near.until(({ behind }) => behind === 0, name)
    await marked(clients, 'second')
    for (const { heard } of clients) expect(heard.map(({ payload }) => payload).toSorted()).toEqual(allOf(2))
  },
  240_000,
)

itWith('sh')(
  'comes to rest with two bridges over MQTT 3.1.1, each of which brings a message once',
  async () => {
    const far = await startBridgedHub({})
    const old = bridgeTo(far.hub.mqtt, {
      version: '3.1.1',
      topics: [
        { filter: 'a/#', to: 'near/' },
        { filter: 'a/#', direction: 'in', from: 'far/' },
      ],
    })
    const near = await startBridgedHub({ bridges: { far: old, second: old } })
    for (const name of ['far', 'second'])
      expect(await near.until(isConnected, name)).toMatchObject({ version: '3.1.1' })
    const [here, there] = [await near.client(), await far.client()]
    await here.subscribe('a/#')
    await there.subscribe('near/#')
    const numbers = Array.from({ length: MESSAGES }, (_, index) => String(index + 1))
    await Promise.all(numbers.map((number) => there.publish('far/a/x', number)))
    // What one bridge brought in goes out by the other one, to another topic: there it ends.
    await there.count(2 * MESSAGES)
    for (const name of ['far', 'second']) await near.until(({ behind }) => behind === 0, name)
    expect(here.heard).toHaveLength(2 * MESSAGES)
    expect(there.heard).toHaveLength(2 * MESSAGES)
  },
  240_000,
)
