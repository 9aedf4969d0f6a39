// Groups, what is retained under new subscriptions, and delayed wills, under SIGKILL: a hub is killed again and again under load, and what
// clients were told is held against what they get.

import { expect, it, vi } from 'vitest'
import { openQueries } from '../../src/journal/queries/queries.ts'
import { connectClient, connectPacket, openClient } from '../broker/client.ts'
import { type HubProcess, startHubProcess, temporaryFolder } from '../support/hub.ts'
import { finish, type Heard, KEPT, listen, send, senderOf } from './load.ts'
import { reach } from '../support/reach.ts'

const KILLS = reach(2, 6)
const RETAINED = 150
const GROUPS = ['$share/g/load/1', '$share/g/load/2']

/** Somebody who listens over the lives of many hubs. */
interface Listener {
  readonly id: string
  readonly heard: Heard
  readonly taken: Set<number>
  readonly window: number
}

it(
  'keeps what groups and new subscriptions were promised, and wills that are delayed, through kills under load',
  { timeout: 300_000 },
  async () => {
    const data = temporaryFolder()
    const args = ['--data', data, '--rules', temporaryFolder()]
    const senders = [
      { qos: 1 as const, sender: senderOf('sender-1', 'load/1') },
      { qos: 2 as const, sender: senderOf('sender-2', 'load/2') },
    ]
    const group: Heard = new Map()
    const members = ['a', 'b'].map((id): Listener => ({ id, heard: group, taken: new Set(), window: 50 }))
    /** Those whose subscription was acknowledged. */
    const fed: (Listener & { readonly qos: 1 | 2 })[] = []
    const wills: string[] = []

    for (let round = 0; round < KILLS; round++) {
      const hub = await startHubProcess(args)
      if (round === 0) await prepare(hub, members)
      const late = `late-${round}`
      const will = { topic: `wills/${late}`, payload: Buffer.from('gone'), qos: 1 as const, retain: false }
      await connectClient(hub.mqtt, late, {
        ...KEPT,
        will: { ...will, properties: { willDelayInterval: 1 } },
      })
      wills.push(will.topic)
      const working = [
        ...members.map((member) => hear(hub, member)),
        ...fed.map((listener) => hear(hub, listener)),
        ...senders.map(({ qos, sender }) => send(hub.mqtt, sender, qos)),
        begin(hub, `fed-${round}`, round % 2 === 0 ? 1 : 2, fed),
      ]
      // However slow the machine is: two new subscriptions are acknowledged before their hub is killed.
      if (round < 2) await vi.waitUntil(() => fed.length > round, { timeout: 30_000, interval: 5 })
      await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 250))
      await hub.end('SIGKILL')
      await Promise.all(working)
    }

    const hub = await startHubProcess(args)
    const working = [...members, ...fed].map((listener) => hear(hub, listener))
    for (const { qos, sender } of senders) await finish(hub, sender, qos)
    // The two senders count from 0 each: what they say is told apart by topic.
    const owed = senders.flatMap(({ sender }) =>
      sender.acknowledged.map((payload) => `${sender.topic} ${payload}`),
    )
    const missing = (): string[] => [
      ...owed.filter((message) => !group.has(message)),
      ...fed.flatMap(({ id, heard }) => topicsNotIn(heard).map((topic) => `${topic} for ${id}`)),
    ]
    const open = (): string[] =>
      [...members, ...fed].filter(({ taken }) => taken.size > 0).map(({ id }) => id)
    await vi.waitFor(() => expect([missing(), open()]).toEqual([[], []]), { timeout: 20_000, interval: 20 })
    const queries = openQueries(data)
    const said = (): string[] =>
      queries.history({ filter: 'wills/+', limit: 1_000 }).map(({ topic }) => topic)
    await vi.waitUntil(() => said().length >= KILLS, { timeout: 20_000, interval: 20 })
    await hub.end('SIGTERM')
    await Promise.all(working)

    // Nothing is left.
    const last = await startHubProcess(args)
    for (const { id } of [...members, ...fed]) {
      const client = await connectClient(last.mqtt, id, KEPT)
      expect([id, client.connack.sessionPresent, await client.sentSoFar()]).toEqual([id, true, []])
    }
    expect(said().toSorted()).toEqual(wills)
    queries.close()
    await last.end('SIGTERM')

    for (const { sender } of senders) expect(sender.acknowledged.length).toBeGreaterThan(KILLS)
    expect(fed.length).toBeGreaterThan(1)
    const tooOften = (heard: Heard, most: (message: string) => number): string[] =>
      Array.from(heard, ([message, count]) => (count > most(message) ? `${message}: ${count}` : '')).filter(
        Boolean,
      )
    expect(tooOften(group, (message) => (message.startsWith('load/2') ? 1 : KILLS + 1))).toEqual([])
    for (const { heard, qos } of fed) expect(tooOften(heard, () => (qos === 2 ? 1 : KILLS + 1))).toEqual([])
  },
)

const topicsNotIn = (heard: Heard): string[] =>
  Array.from({ length: RETAINED }, (_, number) => `feed/${number}`).filter(
    (topic) => !heard.has(`${topic} x`),
  )

async function prepare(hub: HubProcess, members: readonly Listener[]): Promise<void> {
  for (const { id } of members) {
    const client = await connectClient(hub.mqtt, id, KEPT)
    for (const filter of GROUPS) await client.subscribe(filter, 2)
    client.disconnect()
    await client.expectClosed()
  }
  const client = await connectClient(hub.mqtt, 'retainer')
  for (let number = 0; number < RETAINED; number++) {
    const packetId = client.publish(`feed/${number}`, 'x', { qos: 2, retain: true })
    await client.expect('pubrec')
    client.send({ type: 'pubrel', packetId, reasonCode: 0 })
    await client.expect('pubcomp')
  }
}

/** Takes what comes until the hub is gone. */
async function hear(hub: HubProcess, { id, heard, taken, window }: Listener): Promise<void> {
  const client = await openClient(hub.mqtt)
  const properties = { ...KEPT.properties, receiveMaximum: window }
  client.send(connectPacket(id, { ...KEPT, properties }))
  const connack = await client.next()
  if (connack?.type !== 'connack') return
  expect([id, connack.sessionPresent]).toEqual([id, true])
  await listen(client, heard, taken, [], { named: true })
}

/** Subscribes to what is retained, and takes it until the hub is gone. */
async function begin(
  hub: HubProcess,
  id: string,
  qos: 1 | 2,
  fed: (Listener & { readonly qos: 1 | 2 })[],
): Promise<void> {
  const listener = { id, qos, heard: new Map<string, number>(), taken: new Set<number>(), window: 5 }
  const client = await openClient(hub.mqtt)
  const properties = { ...KEPT.properties, receiveMaximum: listener.window }
  client.send(connectPacket(id, { ...KEPT, properties }))
  const options = { qos, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const
  client.send({ type: 'subscribe', packetId: 1, subscriptions: [{ filter: 'feed/#', ...options }] })
  if ((await client.next()) === undefined || (await client.next())?.type !== 'suback') return
  fed.push(listener)
  await listen(client, listener.heard, listener.taken, [], { named: true })
}
