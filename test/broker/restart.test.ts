// Sessions across a hub that dies: a second broker begins with what the first one had kept.
//
// Covers `src/broker/clients/restore.ts`, `src/broker/delivery/owed-copies.ts`,
// `src/broker/session/session-journal.ts`, `src/broker/delivery/copies.ts`, `src/broker/session/pages.ts`.

import { expect, it } from 'vitest'
import { ManualClock } from '../../src/base/clock.ts'
import type { Door } from '../../src/model/access.ts'
import { type Client, connectClient } from './client.ts'
import { startTestBroker, type TestBroker } from './test-broker.ts'

const KEPT = { clean: false, properties: { sessionExpiryInterval: 600 } } as const

/** The hub dies, and another begins with what was kept. What was known in memory only is gone. */
async function restart(dead: TestBroker, diedAt: number, clock = new ManualClock(diedAt)) {
  const eventLog = dead.eventLog.successor()
  const sessions = eventLog.sessionLog.stored()
  const retained = eventLog.retained()
  return { ...(await startTestBroker({ eventLog, clock, sessions, retained, diedAt })), clock }
}

async function publish(port: number, topic: string, texts: readonly string[], qos: 1 | 2): Promise<void> {
  const client = await connectClient(port, 'publisher')
  for (const payload of texts) {
    const packetId = client.publish(topic, payload, { qos })
    if (qos === 1) await client.expect('puback')
    else {
      await client.expect('pubrec')
      client.send({ type: 'pubrel', packetId, reasonCode: 0 })
      await client.expect('pubcomp')
    }
  }
  client.disconnect()
  await client.expectClosed()
}

async function away(port: number, filter: string, qos: 0 | 1 | 2): Promise<void> {
  const client = await connectClient(port, 'a', KEPT)
  await client.subscribe(filter, qos)
  client.disconnect()
  await client.expectClosed()
}

async function payloads(client: Client): Promise<string[]> {
  const packets = await client.sentSoFar()
  return packets.map((packet) => (packet.type === 'publish' ? packet.payload.toString() : packet.type))
}

it('goes on with a session: present, with its subscriptions, and in order what it was owed', async () => {
  const first = await startTestBroker()
  await publish(first.port, 't/0', ['before the subscription'], 1)
  await away(first.port, 't/#', 1)
  await publish(first.port, 't/1', ['one', 'two'], 1)
  const second = await restart(first, 1_000)
  await publish(second.port, 't/2', ['three'], 1)
  const client = await connectClient(second.port, 'a', KEPT)
  expect(client.connack.sessionPresent).toBe(true)
  const heard = [
    await client.expect('publish'),
    await client.expect('publish'),
    await client.expect('publish'),
  ]
  expect(heard.map(({ payload, dup }) => [payload.toString(), dup])).toEqual([
    ['one', false],
    ['two', false],
    ['three', false],
  ])
  for (const { packetId } of heard) client.send({ type: 'puback', packetId: packetId!, reasonCode: 0 })
  await client.sentSoFar()
  second.clock.advance(1_000) // what was put off is said
  const third = await restart(second, 3_000)
  expect(await payloads(await connectClient(third.port, 'a', KEPT))).toEqual([])
})

it('sends again, marked as copies and under the same packet ids, what was not acknowledged at QoS 1', async () => {
  const clock = new ManualClock(0)
  const first = await startTestBroker({ clock })
  const client = await connectClient(first.port, 'a', KEPT)
  await client.subscribe('t', 1)
  await publish(first.port, 't', ['one', 'two', 'three'], 1)
  const [one, two, three] = [
    await client.expect('publish'),
    await client.expect('publish'),
    await client.expect('publish'),
  ]
  client.send({ type: 'puback', packetId: one.packetId!, reasonCode: 0 })
  await client.sentSoFar()
  clock.advance(1_000) // how far it has come is said late
  const second = await restart(first, 1_000)
  const again = await connectClient(second.port, 'a', KEPT)
  expect(await again.expect('publish')).toEqual({ ...two, dup: true })
  expect(await again.expect('publish')).toEqual({ ...three, dup: true })
})

it.each([1, 2] as const)(
  'completes after a crash what was under way at QoS %d when its subscription was removed, or changed to the other',
  async (qos) => {
    for (const change of ['removed', 'changed']) {
      const first = await startTestBroker()
      const before = await connectClient(first.port, 'a', KEPT)
      await before.subscribe('t', qos)
      await publish(first.port, 't', ['one'], 2)
      const one = await before.expect('publish')
      if (change === 'changed') await before.subscribe('t', qos === 1 ? 2 : 1)
      else {
        before.send({ type: 'unsubscribe', packetId: 3, filters: ['t'] })
        await before.expect('unsuback')
      }
      await publish(first.port, 't', ['two'], 2)
      const second = await restart(first, 1_000)
      const after = await connectClient(second.port, 'a', KEPT)
      expect(await after.expect('publish')).toEqual({ ...one, dup: true })
      expect(await payloads(after)).toEqual(change === 'changed' ? ['two'] : [])
    }
  },
)

it('sends QoS 1 and 2 again in the order in which they were sent, as often as the connection ends', async () => {
  const first = await startTestBroker()
  const before = await connectClient(first.port, 'a', KEPT)
  await before.subscribe('t', 2)
  await publish(first.port, 't', ['one'], 1)
  await publish(first.port, 't', ['two'], 2)
  await publish(first.port, 't', ['three'], 1)
  const second = await restart(first, 1_000)
  for (let connect = 0; connect < 3; connect++) {
    const again = await connectClient(second.port, 'a', KEPT)
    const heard = [
      await again.expect('publish'),
      await again.expect('publish'),
      await again.expect('publish'),
    ]
    expect(heard.map(({ payload, dup }) => [payload.toString(), dup])).toEqual([
      ['one', true],
      ['two', true],
      ['three', true],
    ])
  }
})

it('marks as a copy what was sent last, though nobody could say so before the crash', async () => {
  const clock = new ManualClock(0)
  const first = await startTestBroker({ clock })
  const client = await connectClient(first.port, 'a', KEPT)
  await client.subscribe('t', 1)
  await publish(first.port, 't', ['one'], 1)
  const one = await client.expect('publish')
  const second = await restart(first, 1_000)
  const again = await connectClient(second.port, 'a', KEPT)
  expect(await again.expect('publish')).toEqual({ ...one, dup: true })
})

it('recognises a QoS 2 message that was taken before, until it is released', async () => {
  const first = await startTestBroker()
  const before = await connectClient(first.port, 'a', KEPT)
  before.publish('t', 'once', { qos: 2, packetId: 7 })
  await before.expect('pubrec')
  const second = await restart(first, 1_000)
  const after = await connectClient(second.port, 'a', KEPT)
  after.publish('t', 'once', { qos: 2, packetId: 7, dup: true })
  await after.expect('pubrec')
  after.send({ type: 'pubrel', packetId: 7, reasonCode: 0 })
  await after.expect('pubcomp')
  const third = await restart(second, 2_000)
  const last = await connectClient(third.port, 'a', KEPT)
  last.publish('t', 'another', { qos: 2, packetId: 7 })
  await last.expect('pubrec')
  expect(third.eventLog.of('t').map(({ payload }) => payload.toString())).toEqual(['once', 'another'])
})

it('tells PUBCOMP when it is kept that the packet id is free', async () => {
  const { eventLog, port } = await startTestBroker()
  const client = await connectClient(port, 'a', KEPT)
  client.publish('t', 'once', { qos: 2, packetId: 7 })
  await client.expect('pubrec')
  eventLog.commits = 'by hand'
  client.send({ type: 'pubrel', packetId: 7, reasonCode: 0 })
  expect(await client.sentSoFar()).toEqual([])
  eventLog.commit()
  await client.expect('pubcomp')
})

it('goes on with each QoS 2 message under its packet id, wherever the handshake was', async () => {
  const first = await startTestBroker()
  const before = await connectClient(first.port, 'a', KEPT)
  await before.subscribe('t', 2)
  await publish(first.port, 't', ['done', 'released', 'sent'], 2)
  const [done, released, sent] = [
    await before.expect('publish'),
    await before.expect('publish'),
    await before.expect('publish'),
  ]
  for (const { packetId } of [done, released]) {
    before.send({ type: 'pubrec', packetId: packetId!, reasonCode: 0 })
    await before.expect('pubrel')
  }
  before.send({ type: 'pubcomp', packetId: done.packetId!, reasonCode: 0 })
  await before.sentSoFar()
  const second = await restart(first, 1_000)
  await publish(second.port, 't', ['new'], 2)
  const after = await connectClient(second.port, 'a', KEPT)
  expect(await after.expect('pubrel')).toMatchObject({ packetId: released.packetId })
  expect(await after.expect('publish')).toMatchObject({ packetId: sent.packetId, dup: true })
  const next = await after.expect('publish')
  expect([next.payload.toString(), next.dup]).toEqual(['new', false])
})

it('sends a QoS 2 message, and PUBREL, when it is kept under which packet id', async () => {
  const { eventLog, port } = await startTestBroker()
  const client = await connectClient(port, 'a', KEPT)
  await client.subscribe('t', 2)
  const publisher = await connectClient(port, 'publisher')
  eventLog.commits = 'by hand'
  publisher.publish('t', 'hello', { qos: 2 })
  await publisher.sentSoFar()
  expect(await client.sentSoFar()).toEqual([])
  eventLog.commit()
  const { packetId } = await client.expect('publish')
  client.send({ type: 'pubrec', packetId: packetId!, reasonCode: 0 })
  expect(await client.sentSoFar()).toEqual([])
  eventLog.commit()
  await client.expect('pubrel')
})

it('lets no PUBREL overtake another that has yet to be kept, also when PUBREC is sent twice or for nothing', async () => {
  const { eventLog, port } = await startTestBroker()
  const client = await connectClient(port, 'a', KEPT)
  await client.subscribe('t', 2)
  await publish(port, 't', ['one', 'two'], 2)
  const [one, two] = [(await client.expect('publish')).packetId!, (await client.expect('publish')).packetId!]
  eventLog.commits = 'by hand'
  const unknown = 9_999
  const answered = [one, one, unknown, two, one]
  for (const packetId of answered) client.send({ type: 'pubrec', packetId, reasonCode: 0 })
  expect(await client.sentSoFar()).toEqual([])
  eventLog.commit()
  for (const packetId of answered) {
    expect(await client.expect('pubrel')).toMatchObject({
      packetId,
      reasonCode: packetId === unknown ? 0x92 : 0,
    })
  }
})

it.each(['suback', 'unsuback'] as const)('tells %s when it is kept', async (type) => {
  const { eventLog, port } = await startTestBroker()
  const client = await connectClient(port, 'a', KEPT)
  await client.subscribe('t', 1)
  eventLog.commits = 'by hand'
  if (type === 'unsuback') client.send({ type: 'unsubscribe', packetId: 3, filters: ['t'] })
  else {
    const options = { qos: 1, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const
    client.send({ type: 'subscribe', packetId: 3, subscriptions: [{ filter: 'u', ...options }] })
  }
  expect(await client.sentSoFar()).toEqual([])
  eventLog.commit()
  await client.expect(type)
})

it('ends a session whose time passed while the hub was down', async () => {
  const first = await startTestBroker({ clock: new ManualClock(0) })
  await away(first.port, 't', 1)
  const second = await restart(first, 599_000)
  expect((await connectClient(second.port, 'other')).connack.sessionPresent).toBe(false)
  expect(second.broker.stats().sessions).toBe(2)
  second.clock.advance(1_000)
  expect(second.broker.stats().sessions).toBe(1)
})

it('leaves the session of a user to that user', async () => {
  const first = await startTestBroker()
  await away(first.port, 't', 1)
  const sessions = first.eventLog.sessionLog.stored()
  const [session] = sessions.sessions
  const owned = { ...sessions, sessions: [{ ...session!, user: 'anna' }] }
  const second = await startTestBroker({ eventLog: first.eventLog, sessions: owned })
  expect(await connectClient(second.port, 'a', KEPT)).toMatchObject({ connack: { reasonCode: 0x85 } })
})

async function retain(port: number, values: Readonly<Record<string, string>>, qos: 1 | 2 = 2): Promise<void> {
  const client = await connectClient(port, 'retainer')
  for (const [topic, payload] of Object.entries(values)) {
    client.publish(topic, payload, { qos, packetId: 1, retain: true })
    await client.expect(qos === 1 ? 'puback' : 'pubrec')
    if (qos === 2) client.send({ type: 'pubrel', packetId: 1, reasonCode: 0 })
    if (qos === 2) await client.expect('pubcomp')
  }
  client.disconnect()
  await client.expectClosed()
}

const NARROW = { ...KEPT, properties: { ...KEPT.properties, receiveMaximum: 1 } }
const VALUES = { 'r/1': 'one', 'r/2': 'two', 'r/3': 'three' }

it('goes on with what was retained under a new subscription when the client comes back', async () => {
  const { port } = await startTestBroker()
  await retain(port, VALUES)
  const before = await connectClient(port, 'a', NARROW)
  await before.subscribe('r/#', 1)
  expect(await takeAll(before, 1)).toEqual(['one'])
  await before.expect('publish')
  before.peer.socket.destroy()
  const after = await connectClient(port, 'a', KEPT)
  const [two, three] = [await after.expect('publish'), await after.expect('publish')]
  expect([two, three].map(({ payload, retain: flag, dup }) => [payload.toString(), flag, dup])).toEqual([
    ['two', true, true],
    ['three', true, false],
  ])
})

it('promises nothing with a subscription under which nothing can be retained', async () => {
  const { port, eventLog } = await startTestBroker()
  await retain(port, VALUES)
  const client = await connectClient(port, 'a', KEPT)
  await client.subscribe('r/1/+', 1)
  await client.subscribe('r/#', 1)
  const [session] = eventLog.sessionLog.stored().sessions
  expect(session!.subscriptions).toMatchObject([
    { filter: 'r/1/+', retainedUpTo: 0 },
    { filter: 'r/#', retainedUpTo: expect.toSatisfy((event: number) => event > 0) as number },
  ])
})

it('gives again after a crash, at QoS 1, what was retained under a subscription, until all is acknowledged', async () => {
  const first = await startTestBroker()
  await retain(first.port, VALUES)
  const before = await connectClient(first.port, 'a', NARROW)
  await before.subscribe('r/#', 1)
  expect(await takeAll(before, 1)).toEqual(['one'])
  await before.expect('publish')
  const second = await restart(first, 1_000)
  await retain(second.port, { 'r/2': 'newer' })
  const again = await connectClient(second.port, 'a', KEPT)
  expect(new Set(await takeAll(again, 3))).toEqual(new Set(['one', 'three', 'newer']))
  expect(await again.sentSoFar()).toEqual([])
  second.clock.advance(1_000) // how far it has come is said late
  const third = await restart(second, 2_000)
  expect(await payloads(await connectClient(third.port, 'a', KEPT))).toEqual([])
})

it('gives each retained message once at QoS 2, through crashes at every point of the handshakes', async () => {
  let hub: TestBroker = await startTestBroker()
  await retain(hub.port, VALUES)
  let client = await connectClient(hub.port, 'a', NARROW)
  await client.subscribe('r/#', 2)
  const heard: string[] = []
  for (let at = 0; heard.length < 3 && at < 20; at++) {
    const packet = await client.next()
    if (packet?.type === 'publish') {
      if (at % 3 !== 2) {
        heard.push(`${packet.payload.toString()} ${packet.retain ? 'retained' : 'live'}`)
        client.send({ type: 'pubrec', packetId: packet.packetId!, reasonCode: 0 })
        await client.expect('pubrel')
        if (at % 3 === 0) client.send({ type: 'pubcomp', packetId: packet.packetId!, reasonCode: 0 })
      }
    } else if (packet?.type === 'pubrel') {
      client.send({ type: 'pubcomp', packetId: packet.packetId, reasonCode: 0 })
      continue
    }
    await client.sentSoFar()
    hub = await restart(hub, 1_000 + at)
    client = await connectClient(hub.port, 'a', NARROW)
    expect(client.connack.sessionPresent).toBe(true)
  }
  expect(heard.toSorted()).toEqual(['one retained', 'three retained', 'two retained'])
  const last = await client.sentSoFar()
  expect(last.filter(({ type }) => type !== 'pubrel')).toEqual([])
  for (const packet of last) {
    if (packet.type === 'pubrel') client.send({ type: 'pubcomp', packetId: packet.packetId, reasonCode: 0 })
  }
  expect(await client.sentSoFar()).toEqual([])
})

const GROUP = '$share/g/t'

/** Acknowledges QoS 1 messages as they come; returns their payloads, once as many have come. */
async function takeAll(client: Client, count: number): Promise<string[]> {
  const taken: string[] = []
  while (taken.length < count) {
    const { packetId, payload } = await client.expect('publish')
    taken.push(payload.toString())
    client.send({ type: 'puback', packetId: packetId!, reasonCode: 0 })
  }
  return taken
}

it('keeps what waits for a group whose members are all away: whoever comes first gets it', async () => {
  const first = await startTestBroker()
  for (const id of ['a', 'b']) {
    const member = await connectClient(first.port, id, KEPT)
    await member.subscribe(GROUP, 1)
    member.disconnect()
    await member.expectClosed()
  }
  await publish(first.port, 't', ['one', 'two', 'three'], 1)
  const second = await restart(first, 1_000)
  const b = await connectClient(second.port, 'b', KEPT)
  expect(await takeAll(b, 3)).toEqual(['one', 'two', 'three'])
  await b.sentSoFar()
  const third = await restart(second, 2_000)
  for (const id of ['a', 'b']) expect(await payloads(await connectClient(third.port, id, KEPT))).toEqual([])
})

it('sends again to the member that had it, under the same packet id, what was not acknowledged', async () => {
  const first = await startTestBroker()
  const a = await connectClient(first.port, 'a', KEPT)
  await a.subscribe(GROUP, 2)
  const b = await connectClient(first.port, 'b', KEPT)
  await b.subscribe(GROUP, 2)
  await publish(first.port, 't', ['one', 'two', 'three', 'four'], 1)
  expect(await takeAll(a, 1)).toEqual(['one'])
  const [three, two] = [await a.expect('publish'), await b.expect('publish')]
  expect([three, two].map(({ payload }) => payload.toString())).toEqual(['three', 'two'])
  await a.sentSoFar()
  const second = await restart(first, 1_000)
  const again = await connectClient(second.port, 'a', KEPT)
  expect(await again.expect('publish')).toMatchObject({ ...three, dup: true })
  expect(await again.sentSoFar()).toEqual([])
  expect(await payloads(await connectClient(second.port, 'b', KEPT))).toEqual(['two', 'four'])
})

it('gives to others at QoS 1 what was under way to a member whose session ended with the hub, and not at QoS 2', async () => {
  const first = await startTestBroker()
  await away(first.port, GROUP, 2)
  const passing = await connectClient(first.port, 'passing')
  await passing.subscribe(GROUP, 2)
  await publish(first.port, 't', ['one'], 1)
  await publish(first.port, 't', ['two'], 2)
  expect(await payloads(passing)).toEqual(['one', 'two'])
  const second = await restart(first, 1_000)
  expect(await payloads(await connectClient(second.port, 'a', KEPT))).toEqual(['one'])
})

it('sends a QoS 2 message of a group when it is kept whose it is', async () => {
  const { eventLog, port } = await startTestBroker()
  await away(port, GROUP, 2)
  const passing = await connectClient(port, 'passing')
  await passing.subscribe(GROUP, 2)
  const publisher = await connectClient(port, 'publisher')
  eventLog.commits = 'by hand'
  publisher.publish('t', 'hello', { qos: 2 })
  await publisher.sentSoFar()
  expect(await passing.sentSoFar()).toEqual([])
  eventLog.commit()
  expect(await payloads(passing)).toEqual(['hello'])
})

it('goes on with a QoS 2 handshake of a group where it was, with the subscription identifier', async () => {
  const first = await startTestBroker()
  const a = await connectClient(first.port, 'a', KEPT)
  const options = { qos: 2, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const
  const properties = { subscriptionIdentifier: 7 }
  a.send({ type: 'subscribe', packetId: 1, subscriptions: [{ filter: GROUP, ...options }], properties })
  await a.expect('suback')
  await publish(first.port, 't', ['one', 'two'], 2)
  const [one, two] = [await a.expect('publish'), await a.expect('publish')]
  a.send({ type: 'pubrec', packetId: one.packetId!, reasonCode: 0 })
  await a.expect('pubrel')
  const second = await restart(first, 1_000)
  const again = await connectClient(second.port, 'a', KEPT)
  expect(await again.expect('pubrel')).toMatchObject({ packetId: one.packetId })
  expect(await again.expect('publish')).toEqual({ ...two, dup: true })
  expect(await again.sentSoFar()).toEqual([])
})

it('forgets what waited for a group when its last member leaves', async () => {
  const first = await startTestBroker()
  await away(first.port, GROUP, 1)
  await publish(first.port, 't', ['one'], 1)
  const other = await connectClient(first.port, 'a', { clean: true })
  other.disconnect()
  await other.expectClosed()
  await away(first.port, GROUP, 1)
  const second = await restart(first, 1_000)
  expect(await payloads(await connectClient(second.port, 'a', KEPT))).toEqual([])
})

const will = (topic: string, delay = 0) => ({
  topic,
  payload: Buffer.from('gone'),
  qos: 1 as const,
  retain: false,
  properties: { willDelayInterval: delay },
})

it('publishes at the start the wills of those who were connected when the hub died, each after its delay', async () => {
  const first = await startTestBroker({ clock: new ManualClock(0) })
  await connectClient(first.port, 'clean', { will: will('will/clean', 500) })
  await connectClient(first.port, 'now', { ...KEPT, will: will('will/now') })
  await connectClient(first.port, 'later', { ...KEPT, will: will('will/later', 60) })
  const polite = await connectClient(first.port, 'polite', { will: will('will/polite') })
  polite.disconnect()
  await polite.expectClosed()
  const wills = ({ eventLog }: TestBroker) =>
    eventLog.of().flatMap(({ topic, origin, client }) => (origin === 'will' ? [[topic, client]] : []))
  expect(wills(first)).toEqual([])
  const second = await restart(first, 1_000)
  expect(wills(second)).toEqual([
    ['will/clean', 'clean'],
    ['will/now', 'now'],
  ])
  second.clock.advance(59_999)
  expect(wills(second)).toHaveLength(2)
  second.clock.advance(1)
  expect(wills(second).at(-1)).toEqual(['will/later', 'later'])
  expect(wills(await restart(second, 100_000))).toHaveLength(3)
})

it('publishes a will on a command topic too, for which its client had the right', async () => {
  const first = await startTestBroker({ clock: new ManualClock(0) })
  const may = (): boolean => true
  const rights = { mayPublish: may, mayReceive: may, mayReceiveAll: may, maySubscribe: may }
  const pass = { user: 'bob', rights, proof: null, realm: null }
  const door: Door = {
    admit: () => ({ kind: 'admitted', pass }),
    begin: () => undefined,
    renew: () => pass,
    onChanged() {},
  }
  const { port } = await first.broker.listen({ host: '127.0.0.1', port: 0 }, door)
  await connectClient(port, 'a', { will: will('vigie/commands/a') })
  await connectClient(port, 'b', { ...KEPT, will: will('vigie/commands/b') })
  const second = await restart(first, 1_000)
  expect(second.eventLog.of('vigie/commands/a')).toHaveLength(1)
  expect(second.eventLog.of('vigie/commands/b')).toHaveLength(1)
})

it('goes on with the delay of a will where it was', async () => {
  const clock = new ManualClock(0)
  const first = await startTestBroker({ clock })
  const client = await connectClient(first.port, 'a', { ...KEPT, will: will('will/a', 60) })
  client.send({ type: 'disconnect', reasonCode: 4 })
  await client.expectClosed()
  clock.advance(40_000)
  const second = await restart(first, 40_000, new ManualClock(50_000))
  second.clock.advance(9_999)
  expect(second.eventLog.of('will/a')).toEqual([])
  second.clock.advance(1)
  expect(second.eventLog.of('will/a')).toHaveLength(1)
})
