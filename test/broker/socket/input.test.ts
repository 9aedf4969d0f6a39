// Sockets are read into memory that they share, or, where Node does not offer that, in the ordinary way: what becomes of the bytes
// is the same.

import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { read } from '../../../src/broker/socket/input.ts'
import { encodePacket } from '../../../src/mqtt/packet.ts'
import type { QoS } from '../../../src/mqtt/protocol.ts'
import { type Client, connectClient, connectPacket, openClient } from '../client.ts'
import { MemoryEventLog } from '../memory-event-log.ts'
import { startTestBroker, type TestBroker } from '../test-broker.ts'

/** Both ends of a connection over TCP. */
async function open(): Promise<{ client: Socket; accepted: Socket }> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const arrival = once(server, 'connection')
  const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', noDelay: true })
  const [accepted] = (await arrival) as [Socket]
  onTestFinished(async () => {
    client.destroy()
    accepted.destroy()
    server.close()
    await once(server, 'close')
  })
  return { client, accepted }
}

/** Takes away what a handle has to offer, as a later Node might; the result brings it back. */
async function takeOfferAway(): Promise<() => void> {
  const { accepted } = await open()
  let owner = Reflect.get(accepted, '_handle') as object
  while (!Object.hasOwn(owner, 'useUserBuffer')) owner = Object.getPrototypeOf(owner) as object
  const offered = Object.getOwnPropertyDescriptor(owner, 'useUserBuffer')!
  Object.defineProperty(owner, 'useUserBuffer', { ...offered, value: undefined })
  return () => Object.defineProperty(owner, 'useUserBuffer', offered)
}

/** What was read so far, and in which memory it lay. */
function record(socket: Socket) {
  const seen = { text: '', memory: new Set<ArrayBufferLike>() }
  read(socket, {
    receive(bytes, length) {
      seen.text += bytes.toString('latin1', 0, length)
      seen.memory.add(bytes.buffer)
    },
  })
  return seen
}

const turnEnds = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await turnEnds()
}

it('reads all sockets into the same memory', async () => {
  const [a, b] = [await open(), await open()]
  const [first, second] = [record(a.accepted), record(b.accepted)]
  a.client.write('one')
  b.client.write('two')
  await until(() => first.text === 'one' && second.text === 'two')
  a.client.write(' three')
  await until(() => first.text === 'one three')
  expect(new Set([...first.memory, ...second.memory]).size).toBe(1)
})

it('gives the memory of a chunk back where a socket has read it in the ordinary way', async () => {
  onTestFinished(await takeOfferAway())
  const { client, accepted } = await open()
  const chunks: Buffer[] = []
  read(accepted, { receive: (bytes) => void chunks.push(bytes) })
  client.write(Buffer.alloc(4_096))
  await until(() => chunks.length > 0)
  expect((chunks[0]!.buffer as ArrayBuffer).detached).toBe(true)
})

it('leaves alone what another stream has made', async () => {
  const stream = new PassThrough()
  const bytes = Buffer.allocUnsafeSlow(4_096)
  const taken: number[] = []
  read(stream, { receive: (_bytes, length) => void taken.push(length) })
  stream.write(bytes)
  await until(() => taken.length > 0)
  expect(taken).toEqual([4_096])
  expect(bytes.buffer.detached).toBe(false)
})

describe.each(['shared', 'ordinary'] as const)('%s', (way) => {
  let restore = (): void => {}
  beforeEach(async () => {
    if (way === 'ordinary') restore = await takeOfferAway()
  })
  afterEach(() => restore())

  it('stops while the socket is paused, and goes on where it stopped', async () => {
    const { client, accepted } = await open()
    const seen = record(accepted)
    client.write('a')
    await until(() => seen.text === 'a')
    accepted.pause()
    client.write('b')
    // More turns than it takes to read it.
    for (let turn = 0; turn < 50; turn++) await turnEnds()
    expect(seen.text).toBe('a')
    accepted.resume()
    await until(() => seen.text === 'ab')
  })

  it('can be paused and resumed from within', async () => {
    const { client, accepted } = await open()
    let text = ''
    read(accepted, {
      receive(bytes, length) {
        text += bytes.toString('latin1', 0, length)
        accepted.pause()
        setImmediate(() => accepted.resume())
      },
    })
    const long = 'x'.repeat(300_000)
    client.write(long)
    await until(() => text.length >= long.length)
    expect(text).toBe(long)
  })

  it('closes the socket when the other end has ended, and what it sent before was read', async () => {
    const { client, accepted } = await open()
    const seen = record(accepted)
    const closed = once(accepted, 'close')
    client.end('the last words')
    await closed
    expect(seen.text).toBe('the last words')
  })

  it('closes the socket when the other end has broken off', async () => {
    const { client, accepted } = await open()
    record(accepted)
    accepted.on('error', () => {})
    const closed = new Promise((resolve) => accepted.on('close', resolve))
    client.resetAndDestroy()
    await closed
    expect(accepted.destroyed).toBe(true)
  })

  it('throws what still comes away once the connection has been told to go', async () => {
    const { broker, port } = await startTestBroker()
    const client = await connectClient(port, 'a')
    client.peer.send(Buffer.from('f000', 'hex')) // no packet that a connected client may send
    expect(await client.next()).toMatchObject({ type: 'disconnect' })
    client.peer.send(Buffer.alloc(200_000))
    await client.expectClosed()
    await until(() => broker.stats().connections === 0)
  })

  it('keeps what a client has sent ahead of an answer that it has to wait for', async () => {
    const eventLog = new MemoryEventLog('by hand')
    const { broker, port } = await startTestBroker({ eventLog, isRecorded: () => false })
    const other = await connectClient(port, 'other')
    const client = await openClient(port)
    const publish = (text: string) =>
      encodePacket(
        { type: 'publish', topic: 't', payload: Buffer.from(text), qos: 0, retain: false, dup: false },
        5,
      )
    const hello = encodePacket(connectPacket('a', { properties: { sessionExpiryInterval: 60 } }), 5)
    await other.subscribe('t')
    const before = broker.stats().bytesReceived
    const ahead = Buffer.concat([hello, publish('said ahead')])
    client.peer.send(ahead)
    await until(() => broker.stats().bytesReceived === before + ahead.length)
    other.publish('u', 'x'.repeat(500))
    await other.sentSoFar()
    eventLog.commit()
    expect((await other.expect('publish')).payload.toString()).toBe('said ahead')
  })

  it('keeps whatever is needed for longer, however the bytes are cut and mixed with those of others', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyMessage, { minLength: 1, maxLength: 8 }),
        anyCuts,
        async (messages, cuts) => {
          const hub = await startTestBroker()
          const subscriber = await connectClient(hub.port, 'subscriber', { version: 4 })
          await subscriber.subscribe('t/#', 2)
          const senders = await Promise.all(['a', 'b', 'c'].map((id) => connectClient(hub.port, id)))
          await sendCut(hub, senders, messages, cuts)
          const got = await receive(subscriber, messages.length)
          for (const [index] of senders.entries()) {
            const topic = `t/${index}`
            const sent = messages.filter(({ sender }) => sender === index).map(({ text }) => text)
            expect(got.filter((one) => one.topic === topic).map(({ text }) => text)).toEqual(sent)
            expect(hub.eventLog.of(topic).map(({ payload }) => payload.toString())).toEqual(sent)
          }
          const late = await connectClient(hub.port, 'late', { version: 4 })
          await late.subscribe('t/#', 0)
          const retained = (await late.sentSoFar()).map((packet) =>
            packet.type === 'publish' ? packet.payload.toString() : packet.type,
          )
          const last = new Map(messages.map(({ sender, text }) => [sender, text]))
          expect(retained.toSorted()).toEqual([...last.values()].toSorted())
          await hub.broker.stop()
        },
      ),
      { numRuns: 25 },
    )
  }, 60_000)
})

interface Sent {
  readonly sender: number
  readonly text: string
  readonly qos: QoS
}

const anyMessage: fc.Arbitrary<Sent> = fc.record({
  sender: fc.integer({ min: 0, max: 2 }),
  text: fc.oneof(
    fc.string({ minLength: 1, maxLength: 20 }),
    fc.integer({ min: 500, max: 3_000 }).map((length) => String(length).padEnd(length, '.')),
  ),
  qos: fc.constantFrom(0, 1, 2),
})

/** Lengths of the pieces that the bytes of each sender are cut into, over and over. */
const anyCuts = fc.array(fc.integer({ min: 1, max: 1_500 }), { minLength: 1, maxLength: 12 })

/** Sends a piece of each in turn, each when the one before has been read. Every packet is a retained message. */
async function sendCut(
  { broker }: TestBroker,
  senders: readonly Client[],
  messages: readonly Sent[],
  cuts: readonly number[],
): Promise<void> {
  const rest = senders.map((_, index) =>
    Buffer.concat(
      messages
        .filter(({ sender }) => sender === index)
        .map(({ text, qos }, at) =>
          encodePacket(
            {
              type: 'publish',
              topic: `t/${index}`,
              payload: Buffer.from(text),
              qos,
              retain: true,
              dup: false,
              packetId: qos === 0 ? undefined : at + 1,
            },
            5,
          ),
        ),
    ),
  )
  let sent = broker.stats().bytesReceived
  for (let turn = 0; rest.some((bytes) => bytes.length > 0); turn++) {
    const index = turn % senders.length
    const piece = rest[index]!.subarray(0, cuts[turn % cuts.length])
    rest[index] = rest[index]!.subarray(piece.length)
    senders[index]!.peer.send(piece)
    sent += piece.length
    await until(() => broker.stats().bytesReceived >= sent)
  }
}

/** Takes so many messages, whatever their QoS. */
async function receive(client: Client, count: number): Promise<{ topic: string; text: string }[]> {
  const got: { topic: string; text: string }[] = []
  while (got.length < count) {
    const { topic, payload, qos, packetId } = await client.expect('publish')
    got.push({ topic, text: payload.toString() })
    if (qos === 1) client.send({ type: 'puback', packetId: packetId!, reasonCode: 0 })
    if (qos === 2) client.send({ type: 'pubrec', packetId: packetId!, reasonCode: 0 })
  }
  return got
}
