// For how long a silent client is kept: what counts as having been heard.

import { expect, it } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { encodePacket } from '../../../src/mqtt/packet.ts'
import { connectClient, connectPacket, openClient } from '../client.ts'
import { startTestBroker } from '../test-broker.ts'

const publishOf = (bytes: number): Buffer =>
  encodePacket(
    { type: 'publish', topic: 't', payload: Buffer.alloc(bytes), qos: 0, retain: false, dup: false },
    5,
  )

async function start() {
  const clock = new ManualClock()
  const { broker, eventLog, port } = await startTestBroker({ clock })
  /** Resolves when the broker has read so many bytes more. */
  const arrived = async (bytes: number, before: number): Promise<void> => {
    await expect
      .poll(() => broker.stats().bytesReceived - before, { interval: 1, timeout: 5_000 })
      .toBe(bytes)
  }
  return { clock, broker, eventLog, port, arrived }
}

it('does not take for life the bytes of a packet that never ends', async () => {
  const { clock, broker, port, arrived } = await start()
  const client = await connectClient(port, 'a', { keepAlive: 10 })
  const packet = publishOf(10_000)
  for (let sent = 0; sent < 4; sent++) {
    const before = broker.stats().bytesReceived
    client.peer.send(packet.subarray(sent, sent + 1))
    await arrived(1, before)
    clock.advance(4_000)
  }
  clock.advance(1_000)
  expect(await client.expect('disconnect')).toMatchObject({ reasonCode: 0x8d })
  await client.expectClosed()
})

it('waits for a large packet on a slow link, as long as a kilobyte comes within one and a half keep alives', async () => {
  const { clock, broker, eventLog, port, arrived } = await start()
  const client = await connectClient(port, 'a', { keepAlive: 10 })
  const packet = publishOf(6_000)
  for (let at = 0; at < packet.length; at += 600) {
    const before = broker.stats().bytesReceived
    const piece = packet.subarray(at, at + 600)
    client.peer.send(piece)
    await arrived(piece.length, before)
    clock.advance(6_000)
  }
  expect(eventLog.of('t')).toHaveLength(1)
  expect(await client.sentSoFar()).toEqual([])
})

it('counts the keep alive from CONNECT on, however late that came', async () => {
  const { clock, port } = await start()
  const client = await openClient(port)
  clock.advance(9_000)
  client.send(connectPacket('a', { keepAlive: 4 }))
  await client.expect('connack')
  clock.advance(4_000)
  expect(await client.sentSoFar()).toEqual([])
  clock.advance(4_000)
  expect(await client.sentSoFar()).toEqual([])
  clock.advance(7_500)
  expect(await client.expect('disconnect')).toMatchObject({ reasonCode: 0x8d })
})
