// A bridge to Debian's RabbitMQ over AMQP 0-9-1: what rules and clients publish reaches queues, and what queues
// hold becomes events; through a kill of the hub, and one of the broker.
//
// Covers `src/bridge/amqp/amqp-bridge.ts`, `src/bridge/amqp/link.ts`, `src/bridge/amqp/outward.ts`,
// `src/bridge/amqp/inward.ts`.

import { connect, type ChannelModel, type ConsumeMessage } from 'amqplib'
import { expect } from 'vitest'
import { whenOver } from '../../support/lifetime.ts'
import { itWith } from '../../support/tools.ts'
import { type BridgedHub, isConnected, startBridgedHub } from '../bridged-hub.ts'
import { startRabbit } from '../far-brokers.ts'

const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => String(from + index))

async function clientOf(url: string) {
  const connection: ChannelModel = await connect(url)
  connection.on('error', () => {})
  whenOver(() => connection.close().catch(() => {}))
  const channel = await connection.createConfirmChannel()
  channel.on('error', () => {})
  return channel
}

/** All that a queue holds and gets. */
async function drain(url: string, queue: string): Promise<ConsumeMessage[]> {
  const channel = await clientOf(url)
  const all: ConsumeMessage[] = []
  await channel.consume(queue, (message) => {
    if (message === null) return
    all.push(message)
    channel.ack(message)
  })
  return all
}

async function until(fits: () => boolean): Promise<void> {
  while (!fits()) await new Promise((resolve) => setTimeout(resolve, 30))
}

itWith('rabbitmq-server')(
  'feeds an exchange and is fed by a queue, through a kill of the hub and of the broker',
  async () => {
    const rabbit = await startRabbit()
    const setup = await clientOf(rabbit.amqp)
    await setup.assertExchange('work', 'topic', { durable: true })
    for (const [queue, keys] of [
      ['jobs', 'jobs.#'],
      ['results', 'done.#'],
    ] as const) {
      await setup.assertQueue(queue, { durable: true })
      await setup.bindQueue(queue, 'work', keys)
    }
    await setup.assertQueue('bad', { durable: true, deadLetterExchange: '', deadLetterRoutingKey: 'dead' })
    await setup.bindQueue('bad', 'work', 'x/y')
    await setup.assertQueue('dead', { durable: true })

    const reconnect = { first: '50ms', longest: '300ms' }
    const far = {
      type: 'amqp',
      url: rabbit.amqp,
      reconnect,
      out: [
        { filter: 'jobs/#', exchange: 'work' },
        { filter: 'stray', exchange: 'work' },
      ],
      in: [{ queue: 'results', to: 'in/' }, { queue: 'bad' }],
    }
    const missing = { ...far, out: [], in: [{ queue: 'none' }] }
    let near: BridgedHub = await startBridgedHub({ bridges: { far, missing } })
    expect(await near.until(isConnected)).toMatchObject({ version: '0-9-1', reason: null })
    expect(await near.until(({ reason }) => reason !== null, 'missing')).toMatchObject({
      state: 'waiting',
      reason: expect.stringContaining("no queue 'none' in vhost '/'") as string,
    })

    const here = await near.client()
    await here.subscribe('in/#')
    const jobs = await drain(rabbit.amqp, 'jobs')
    const publish = async (client: typeof here, all: readonly string[]) =>
      Promise.all(all.map((number) => client.publish('jobs/x', number)))
    await publish(here, numbers(1, 100))
    await until(() => jobs.length === 100)
    expect(jobs.map(({ content }) => content.toString())).toEqual(numbers(1, 100))
    expect(jobs[0]).toMatchObject({
      fields: { routingKey: 'jobs.x' },
      properties: { appId: 'vigie', deliveryMode: 2, headers: { 'vigie-topic': 'jobs/x' } },
    })
    setup.publish('work', 'done.a', Buffer.from('1'), { headers: { unit: 'm' }, contentType: 'text/plain' })
    const came = await here.hears(({ topic }) => topic === 'in/done/a')
    expect(came).toMatchObject({ payload: '1', packet: { properties: { contentType: 'text/plain' } } })
    await here.publish('stray', 'x')
    await near.until(({ dropped }) => dropped.unrouted === 1)
    // No topic can be made of this key: the queue's dead letters keep the message.
    setup.publish('work', 'x/y', Buffer.from('odd'))
    await near.until(({ dropped }) => dropped.refused === 1)
    const dead = await drain(rabbit.amqp, 'dead')
    await until(() => dead.length === 1)

    // The hub is killed under way. What it had not acknowledged, clients and the queue bring again.
    const before = publish(here, numbers(101, 300))
    for (const number of numbers(2, 100))
      setup.publish('work', 'done.a', Buffer.from(number), { persistent: true })
    await until(() => jobs.length > 120)
    await near.hub.end('SIGKILL')
    near = await near.restart()
    await before
    await near.until(({ state, behind }) => state === 'connected' && behind === 0)
    await until(() => new Set(jobs.map(({ content }) => content.toString())).size >= 300)
    const history = async (): Promise<Set<string>> => {
      const answer = await fetch(`http://127.0.0.1:${near.hub.http}/api/events?filter=in/%23&limit=1000`)
      const events = (await answer.json()) as readonly { payload: unknown }[]
      return new Set(events.map(({ payload }) => String(payload)))
    }
    for (let all = await history(); all.size < 100;) all = await history()

    // The broker is killed: what is published meanwhile waits here.
    await rabbit.end('SIGKILL')
    await near.until(({ state }) => state === 'waiting')
    await publish(here, numbers(301, 400))
    await rabbit.restart()
    await near.until(({ state, behind }) => state === 'connected' && behind === 0)
    const rest = await drain(rabbit.amqp, 'jobs')
    const waited = (): Set<string> => new Set(rest.map(({ content }) => content.toString()))
    await until(() => numbers(301, 400).every((number) => waited().has(number)))
    const again = await clientOf(rabbit.amqp)
    again.publish('work', 'done.a', Buffer.from('back'))
    await here.hears(({ payload }) => payload === 'back')
  },
  300_000,
)
