// What is dear costs its own client time, and nobody else.
//
// Covers `src/broker/bounds/turns.ts`, `src/broker/handle/in-turns.ts`.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { Turns } from '../../../src/broker/bounds/turns.ts'
import type { Subscription } from '../../../src/mqtt/subscribe.ts'
import { connectClient } from '../client.ts'
import { startTestBroker } from '../test-broker.ts'

const COUNT = 10_000
const NOBODY_THERE = 0x10
const deepTopic = (last: string): string => [...Array<string>(99).fill('a'), last].join('/')
/** 100 levels, in as many ways as there are numbers; all match the topic. */
const deepFilter = (number: number): string =>
  Array.from({ length: 100 }, (_, level) => (level === 99 || (number >> level) & 1 ? '+' : 'a')).join('/')

const asked = (filter: string): Subscription => ({
  filter,
  qos: 0,
  noLocal: false,
  retainAsPublished: false,
  retainHandling: 0,
})

/** Looks once a turn of the event loop, in which the broker runs too. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await nextTurn()
}

it('gives everybody who waits a share, one after the other, until they are done', async () => {
  const turns = new Turns()
  const order: string[] = []
  const work = (name: string, pieces: number) => (): void => {
    order.push(name)
    turns.spend(100_000)
    if (pieces > 1) turns.wait(work(name, pieces - 1))
  }
  turns.wait(work('a', 3))
  turns.wait(work('b', 1))
  turns.wait(work('c', 2))
  await until(() => order.length === 6)
  expect(order.join('')).toBe('abcaca')
})

it('lets the loop go round when those that wait have used up a turn', async () => {
  const turns = new Turns()
  const served: string[] = []
  for (const client of ['a', 'b', 'c'])
    turns.wait(() => {
      served.push(client)
      turns.spend(100_000)
    })
  for (const sofar of ['a', 'ab', 'abc']) {
    await nextTurn()
    expect(served.join('')).toBe(sofar)
  }
})

it('serves others in the middle of a SUBSCRIBE, an UNSUBSCRIBE and an end of 10,000 subscriptions', async () => {
  const { broker, port } = await startTestBroker()
  const [greedy, other] = [await connectClient(port, 'greedy'), await connectClient(port, 'other')]
  await other.subscribe('t')
  const count = (): number => broker.stats().subscriptions - 1
  const echo = async (text: string): Promise<void> => {
    other.publish('t', text)
    expect((await other.expect('publish')).payload.toString()).toBe(text)
  }
  const filters = Array.from({ length: COUNT }, (_, number) => `${number}/+`)

  greedy.send({ type: 'subscribe', packetId: 1, subscriptions: filters.map(asked) })
  await until(() => count() > 0)
  expect(count()).toBeLessThan(COUNT)
  await echo('while it subscribes')
  expect((await greedy.expect('suback')).reasonCodes).toHaveLength(COUNT)
  expect(count()).toBe(COUNT)

  greedy.send({ type: 'unsubscribe', packetId: 2, filters: filters.slice(COUNT / 2) })
  await until(() => count() < COUNT)
  expect(count()).toBeGreaterThan(COUNT / 2)
  await echo('while it unsubscribes')
  expect((await greedy.expect('unsuback')).reasonCodes).toEqual(Array(COUNT / 2).fill(0))
  expect(count()).toBe(COUNT / 2)

  greedy.peer.socket.destroy()
  await until(() => count() < COUNT / 2)
  expect(count()).toBeGreaterThan(0)
  await echo('while its session goes')
  await until(() => count() === 0)
})

it('lets a session that is kept wait for the journal with each share, so that others need not wait long for theirs', async () => {
  const clock = new ManualClock()
  const { eventLog, port } = await startTestBroker({ clock })
  const kept = { clean: false, keepAlive: 10, properties: { sessionExpiryInterval: 60 } }
  const [greedy, other] = [await connectClient(port, 'greedy', kept), await connectClient(port, 'other')]
  const made = (): number => eventLog.sessionLog.changes.filter(({ kind }) => kind === 'subscribed').length
  eventLog.commits = 'by hand'
  const filters = Array.from({ length: COUNT }, (_, number) => `${number}/+`)
  greedy.send({ type: 'subscribe', packetId: 1, subscriptions: filters.map(asked) })
  await until(() => made() > 0)
  for (let time = 0; time < 20; time++) await other.sentSoFar()
  const share = made()
  expect(share).toBeLessThan(COUNT / 100)
  clock.advance(60_000) // as it is not listened to, it is not silent
  eventLog.commits = 'at once'
  eventLog.commit()
  expect((await greedy.expect('suback')).reasonCodes).toHaveLength(COUNT)
  expect(made()).toBe(COUNT)
})

it('keeps the bytes of a small SUBSCRIBE that has to wait in the middle', async () => {
  const { broker, port } = await startTestBroker()
  const [greedy, other] = [await connectClient(port, 'greedy'), await connectClient(port, 'other')]
  await other.subscribe('t')
  const filters = Array.from({ length: 900 }, (_, number) => `${100 + number}/+`)
  greedy.send({ type: 'subscribe', packetId: 1, subscriptions: filters.map(asked) })
  // Read into the same memory.
  for (let time = 0; time < 20; time++) {
    other.publish('t', 'x'.repeat(20_000))
    await other.expect('publish')
  }
  expect((await greedy.expect('suback')).reasonCodes).toHaveLength(900)
  expect(broker.stats().subscriptions).toBe(901)
  other.publish('999/x', 'there')
  expect((await greedy.expect('publish')).topic).toBe('999/x')
})

it('gives nothing to a session that has ended, although some of its subscriptions are still there', async () => {
  const { broker, port } = await startTestBroker({ isRecorded: () => false })
  const greedy = await connectClient(port, 'greedy')
  const filters = Array.from({ length: COUNT }, (_, number) => `${number}/+`)
  greedy.send({ type: 'subscribe', packetId: 1, subscriptions: filters.map(asked) })
  await greedy.expect('suback')
  const other = await connectClient(port, 'other')
  greedy.peer.socket.destroy()
  await until(() => broker.stats().subscriptions < COUNT)
  expect(broker.stats().subscriptions).toBeGreaterThan(0)
  other.publish(`${COUNT - 1}/x`, '', { qos: 1, packetId: 1 })
  expect(await other.expect('puback')).toMatchObject({ reasonCode: NOBODY_THERE })
})

it('serves others between the look-ups of topics that match 4,000 deep filters', async () => {
  const { broker, port } = await startTestBroker({ isRecorded: () => false })
  const [deep, writer, other] = await Promise.all([
    connectClient(port, 'deep'),
    connectClient(port, 'writer'),
    connectClient(port, 'other'),
  ])
  await other.subscribe('t')
  for (let first = 0; first < 4_000; first += 2_000) {
    const some = Array.from({ length: 2_000 }, (_, number) => asked(deepFilter(first + number)))
    deep.send({ type: 'subscribe', packetId: 1, subscriptions: some })
    await deep.expect('suback')
  }
  const before = broker.stats().publishesReceived
  for (let number = 0; number < 20; number++) writer.publish(deepTopic(String(number)), 'x')
  const taken = (): number => broker.stats().publishesReceived - before
  await until(() => taken() > 0)
  expect(taken()).toBeLessThan(20)
  other.publish('t', 'x')
  await other.expect('publish')
  for (let number = 0; number < 20; number++)
    expect((await deep.expect('publish')).topic).toBe(deepTopic(String(number)))
})
