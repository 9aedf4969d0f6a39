// Sessions under SIGKILL: a hub is killed again and again under load, and what clients were told is held against what they get.

import { expect, it, vi } from 'vitest'
import { openQueries } from '../../src/journal/queries/queries.ts'
import { type Client, connectClient, connectPacket, openClient } from '../broker/client.ts'
import { startHubProcess, temporaryFolder } from '../support/hub.ts'
import { finish, type Heard, KEPT, listen, send, senderOf } from './load.ts'
import { reach } from '../support/reach.ts'

const KILLS = reach(2, 8)
const STEP_MS = 25

it(
  'keeps what clients were told through kills at random moments under load',
  { timeout: 300_000 },
  async () => {
    const data = temporaryFolder()
    const args = ['--data', data, '--rules', temporaryFolder()]
    const senders = [
      { qos: 1 as const, sender: senderOf('sender-1', 'load/1') },
      { qos: 2 as const, sender: senderOf('sender-2', 'load/2') },
    ]
    const heard = new Map(
      ['online-1', 'online-2', 'offline-1', 'offline-2'].map((id): [string, Heard] => [id, new Map()]),
    )
    const order = new Map([...heard.keys()].map((id): [string, string[]] => [id, []]))
    /** QoS 2 packet ids of the subscribers that were not released yet. */
    const taken = new Map([...heard.keys()].map((id): [string, Set<number>] => [id, new Set()]))
    let subscribed = 0
    let retained = ''

    for (let round = 0; round < KILLS; round++) {
      const hub = await startHubProcess(args)
      for (const id of round === 0 ? heard.keys() : []) {
        const client = await connectClient(hub.mqtt, id, KEPT)
        await client.subscribe(`load/${id.at(-1)}`, 2)
        client.disconnect()
        await client.expectClosed()
      }
      const listening = ['online-1', 'online-2'].map(async (id) => {
        const client = await openClient(hub.mqtt)
        client.send(connectPacket(id, KEPT))
        const connack = await client.next()
        if (connack?.type !== 'connack') return
        expect(connack.sessionPresent).toBe(true)
        await listen(client, heard.get(id)!, taken.get(id)!, order.get(id)!)
      })
      const witness = await connectClient(hub.mqtt, 'witness', KEPT)
      expect(witness.connack.sessionPresent).toBe(round > 0)
      await connectClient(hub.mqtt, `will-${round}`, {
        will: {
          topic: `wills/${round}`,
          payload: Buffer.from('gone'),
          qos: 1,
          retain: false,
          properties: undefined,
        },
      })
      const sending = senders.map(({ qos, sender }) => send(hub.mqtt, sender, qos))
      const telling = tell(witness, {
        subscribed: () => subscribed++,
        retained: (value) => (retained = value),
        from: subscribed,
      })
      // However slow the machine is: each round gets somewhere before its kill.
      await vi.waitUntil(() => subscribed > round, { timeout: 30_000, interval: 5 })
      const until = STEP_MS + Math.random() * 12 * STEP_MS
      await new Promise((resolve) => setTimeout(resolve, until))
      await hub.end('SIGKILL')
      await Promise.all([...listening, ...sending, telling])
    }

    const hub = await startHubProcess(args)
    for (const { qos, sender } of senders) await finish(hub, sender, qos)
    for (const id of heard.keys()) {
      const client = await connectClient(hub.mqtt, id, KEPT)
      expect([id, client.connack.sessionPresent]).toEqual([id, true])
      const { sender } = senders[id.endsWith('1') ? 0 : 1]!
      await listen(client, heard.get(id)!, taken.get(id)!, order.get(id)!, {
        last: sender.acknowledged.at(-1),
      })
      client.disconnect()
      await client.expectClosed()
    }

    for (const { sender } of senders) expect(sender.acknowledged.length).toBeGreaterThanOrEqual(KILLS)
    const queries = openQueries(data)
    const textsOf = (topic: string): string[] =>
      queries
        .history({ filter: topic, limit: 1_000_000 })
        .map(({ payload }) => Buffer.from(payload).toString())
    // A sender whose PUBACK was lost has sent its message again, and each of the two may be redelivered after each kill.
    const recorded = Map.groupBy(textsOf('load/1'), (text) => text)
    const mostOf = (text: string, qos: 1 | 2): number =>
      qos === 2 ? 1 : (KILLS + 1) * (recorded.get(text)?.length ?? 0)
    for (const [id, counts] of heard) {
      const { qos, sender } = senders[id.endsWith('1') ? 0 : 1]!
      expect([id, sender.acknowledged.filter((payload) => !counts.has(payload))]).toEqual([id, []])
      const tooOften = [...counts].filter(([text, count]) => count > mostOf(text, qos))
      expect([id, tooOften]).toEqual([id, []])
      const firsts = [...new Set(order.get(id))].map(Number)
      expect([id, firsts]).toEqual([id, firsts.toSorted((a, b) => a - b)])
    }

    const took = textsOf('load/2')
    expect(took.length).toBe(new Set(took).size)
    const wills = queries.history({ filter: 'wills/+', limit: 1_000 })
    expect(wills.map(({ topic, origin, client }) => [topic, origin, client]).toReversed()).toEqual(
      Array.from({ length: KILLS }, (_, round) => [`wills/${round}`, 'will', `will-${round}`]),
    )
    queries.close()

    // Subscriptions that were acknowledged are there, and so is what was retained last.
    const witness = await connectClient(hub.mqtt, 'witness', KEPT)
    const asking = await connectClient(hub.mqtt, 'asking')
    for (let number = 0; number < subscribed; number++) {
      asking.publish(`asked/${number}`, String(number), { qos: 1 })
      await asking.expect('puback')
    }
    for (let number = 0; number < subscribed;) {
      const packet = await witness.expect('publish')
      if (packet.qos > 0) witness.send({ type: 'puback', packetId: packet.packetId!, reasonCode: 0 })
      if (packet.topic === `asked/${number}`) number++
    }
    expect(subscribed).toBeGreaterThanOrEqual(KILLS)
    asking.send({
      type: 'subscribe',
      packetId: 9,
      subscriptions: [
        { filter: 'kept', qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 },
      ],
    })
    await asking.expect('suback')
    // What was on its way when the hub was killed may have come further than what was acknowledged.
    expect(Number((await asking.expect('publish')).payload.toString())).toBeGreaterThanOrEqual(
      Number(retained),
    )
    await hub.end('SIGTERM')
  },
)

/** Subscribes and leaves a retained message, one after the other, until the hub is gone; says what was acknowledged. */
async function tell(
  client: Client,
  told: { readonly from: number; subscribed(): void; retained(value: string): void },
): Promise<void> {
  for (let number = told.from; ; number++) {
    const options = { qos: 1, noLocal: false, retainAsPublished: false, retainHandling: 2 } as const
    client.send({
      type: 'subscribe',
      packetId: 1,
      subscriptions: [{ filter: `asked/${number}`, ...options }],
    })
    if ((await client.next())?.type !== 'suback') return
    told.subscribed()
    client.publish('kept', String(number), { qos: 1, packetId: 2, retain: true })
    if ((await client.next())?.type !== 'puback') return
    told.retained(String(number))
  }
}
