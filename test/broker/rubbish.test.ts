// Rubbish on a live listener: only the client that sends it is harmed.
//
// Covers `src/broker/connection/connection.ts`, `src/broker/connection/fault.ts`,
// `src/broker/handle/packet.ts`.

import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { encodePacket } from '../../src/mqtt/packet.ts'
import { Peer } from '../wire/peer.ts'
import { connectClient, connectPacket } from './client.ts'
import { startTestBroker, type TestBroker } from './test-broker.ts'

const CONNECT = encodePacket(connectPacket('rude'), 5)

/** A client that was there before is served as if nothing had happened. */
async function startWatched(): Promise<TestBroker & { readonly unharmed: () => Promise<boolean> }> {
  const started = await startTestBroker()
  const watching = await connectClient(started.port, 'watching')
  await watching.subscribe('still/here', 1)
  let count = 0
  const unharmed = async (): Promise<boolean> => {
    watching.publish('still/here', String(++count), { qos: 2, packetId: 1 })
    const { payload } = await watching.expect('publish')
    await watching.expect('pubrec')
    watching.send({ type: 'pubrel', packetId: 1, reasonCode: 0 })
    await watching.expect('pubcomp')
    watching.send({ type: 'puback', packetId: count, reasonCode: 0 })
    return payload.toString() === String(count)
  }
  return { ...started, unharmed }
}

it('survives random bytes, before CONNECT and after', async () => {
  const { port, unharmed } = await startWatched()
  await fc.assert(
    fc.asyncProperty(
      fc.boolean(),
      fc.uint8Array({ minLength: 1, maxLength: 2_000 }),
      async (connected, bytes) => {
        const peer = await Peer.to(port)
        if (connected) peer.send(CONNECT)
        peer.send(Buffer.from(bytes))
        peer.socket.end()
        while ((await peer.next()) !== undefined);
        expect(await unharmed()).toBe(true)
      },
    ),
    { numRuns: 200 },
  )
})

it('survives whole packets with random bodies', async () => {
  const { port, unharmed } = await startWatched()
  const body = fc.uint8Array({ maxLength: 127 })
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: 0x10, max: 0xff }), body), { maxLength: 8 }),
      async (packets) => {
        const peer = await Peer.to(port)
        peer.send(CONNECT)
        for (const [firstByte, bytes] of packets) peer.send(Buffer.from([firstByte, bytes.length, ...bytes]))
        peer.socket.end()
        while ((await peer.next()) !== undefined);
        expect(await unharmed()).toBe(true)
      },
    ),
    { numRuns: 200 },
  )
})

it('understands a conversation that comes one byte at a time', async () => {
  const { port } = await startTestBroker()
  const peer = await Peer.to(port)
  const publish = {
    type: 'publish',
    topic: 't',
    payload: Buffer.from('x'),
    qos: 2,
    retain: false,
    dup: false,
  } as const
  const subscription = {
    filter: 't',
    qos: 1,
    noLocal: false,
    retainAsPublished: false,
    retainHandling: 0,
  } as const
  const said = [
    CONNECT,
    encodePacket({ type: 'subscribe', packetId: 1, subscriptions: [subscription] }, 5),
    encodePacket({ ...publish, packetId: 2 }, 5),
    encodePacket({ type: 'pubrel', packetId: 2, reasonCode: 0 }, 5),
  ]
  for (const byte of Buffer.concat(said)) {
    await new Promise((resolve) => peer.socket.write(Buffer.from([byte]), resolve))
  }
  const types: number[] = []
  while (types.length < 5) types.push((await peer.next())![0]! >> 4)
  expect(types).toEqual([2, 9, 3, 5, 7])
})

it('ends a connection whose length never ends', async () => {
  const { port, unharmed } = await startWatched()
  const peer = await Peer.to(port)
  peer.send(CONNECT)
  expect((await peer.next())![0]).toBe(0x20)
  peer.send(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0xff]))
  expect((await peer.next())!.toString('hex')).toMatch(/^e0..81/)
  expect(await peer.next()).toBeUndefined()
  expect(await unharmed()).toBe(true)
})

it('waits for a body that never comes, and holds no memory for it', async () => {
  const { port, unharmed } = await startWatched()
  const before = process.memoryUsage().arrayBuffers
  for (let n = 0; n < 50; n++) {
    const peer = await Peer.to(port)
    peer.send(CONNECT)
    peer.send(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x06, 0x00]))
    await peer.next()
  }
  expect(await unharmed()).toBe(true)
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000)
})

it('keeps a million subscriptions to the one that asks for them', async () => {
  const { broker, port, unharmed } = await startWatched()
  const peer = await Peer.to(port)
  peer.send(CONNECT)
  await peer.next()
  const { subscriptions } = broker.stats()
  for (let n = 0; n < 20; n++) {
    const asked = Array.from({ length: 1_000 }, (_, m) => ({
      filter: `+/${n}/${m}/#`,
      qos: 0 as const,
      noLocal: false,
      retainAsPublished: false,
      retainHandling: 0 as const,
    }))
    peer.send(encodePacket({ type: 'subscribe', packetId: 1, subscriptions: asked }, 5))
    await peer.next()
  }
  expect(broker.stats().subscriptions - subscriptions).toBe(10_000)
  expect(await unharmed()).toBe(true)
})
