// Covers `src/mqtt-sn/client/downlink.ts`, `src/mqtt-sn/client/retry.ts`, `src/mqtt-sn/client/peer.ts` and
// `src/mqtt-sn/client/allowance.ts`: how messages reach a client.

import { expect, it } from 'vitest'
import { World } from '../world.ts'

const SUBSCRIBED = (qos: 0 | 1 | 2) => `
  > 07 04 00 01 00 3c 61
  < 03 05 00
  > 08 12 ${['00', '20', '40'][qos]} 00 01 74 2f 23
  < 08 13 ${['00', '20', '40'][qos]} 00 00 00 01 00
`

it('registers a topic under a wildcard before it sends a message on it (6.10)', async () => {
  const world = new World()
  await world.talk(`${SUBSCRIBED(1)}
    ! t/u 1 a
    < 09 0a 00 01 00 01 74 2f 75
    > 07 0b 00 01 00 01 00
    < 08 0c 20 00 01 id 61
    > 07 0d 00 01 id 00
    ! t/u 1 b
    < 08 0c 20 00 01 id 62
  `)
})

it('sends by a predefined id or a short name without registering, also under a wildcard', async () => {
  const world = new World()
  await world.talk(`
    > 07 04 04 01 00 3c 61
    < 03 05 00
    > 06 12 00 00 01 23
    < 08 13 00 00 00 00 01 00
    ! all/known 0 a
    < 08 0c 01 00 01 00 00 61
    ! own/known 0 b
    < 08 0c 01 00 02 00 00 62
    ! ab 0 c
    < 08 0c 02 61 62 00 00 63
  `)
})

it('sends again what is not acknowledged, marked as such, and takes the client for lost in the end (6.13)', async () => {
  const world = new World()
  await world.talk(`${SUBSCRIBED(1)}
    ! t/u 1 a
    < 09 0a 00 01 00 01 74 2f 75
    . 10s
    < 09 0a 00 01 00 01 74 2f 75
    > 07 0b 00 01 00 01 00
    < 08 0c 20 00 01 id 61
    . 10s
    < 08 0c a0 00 01 id 61
    . 10s
    < 08 0c a0 00 01 id 61
    . 9s
  `)
  expect(world.presence()).toEqual(['online'])
  await world.talk('. 1s')
  expect([world.presence(), world.gateway.size]).toEqual([['online', 'lost (keepalive)'], 0])
})

it('owes a lost client its message, and sends it after another REGISTER when the client is back', async () => {
  const world = new World()
  await world.talk(`${SUBSCRIBED(1)}
    ! t/u 1 a
    < 09 0a 00 01 00 01 74 2f 75
    > 07 0b 00 01 00 01 00
    < 08 0c 20 00 01 id 61
    . 10s
    < 08 0c a0 00 01 id 61
    . 10s
    < 08 0c a0 00 01 id 61
    . 10s
    ! t/u 1 b
    > 07 04 00 01 00 3c 61
    < 03 05 00
    < 09 0a 00 01 00 01 74 2f 75
    > 07 0b 00 01 00 01 00
    < 08 0c a0 00 01 id 61
    > 07 0d 00 01 id 00
    < 08 0c 20 00 01 id 62
    > 07 0d 00 01 id 00
  `)
  expect(world.broker.client('a')?.queued).toBe(0)
})

it('sends one message of QoS 1 or 2 after the other', async () => {
  const world = new World()
  await world.talk(`${SUBSCRIBED(2)}
    ! t/u 1 a
    < 09 0a 00 01 00 01 74 2f 75
    ! t/u 2 b
    ! t/u 1 c
    > 07 0b 00 01 00 01 00
    < 08 0c 20 00 01 id 61
    > 07 0d 00 01 id 00
    < 08 0c 40 00 01 id 62
    > 04 0f id
    < 04 10 id
    > 04 0f id                  # PUBREL is under way
    . 10s
    < 04 10 id
    > 04 0e id
    < 08 0c 20 00 01 id 63
    > 07 0d 00 01 id 00
  `)
})

it('sends PUBREL once the step is committed', async () => {
  const world = new World()
  await world.talk(`${SUBSCRIBED(2)}
    ! t/u 2 b
    < 09 0a 00 01 00 01 74 2f 75
    > 07 0b 00 01 00 01 00
    < 08 0c 40 00 01 id 62
  `)
  world.eventLog.commits = 'by hand'
  await world.talk(`
    > 04 0f id
    > 04 0f id
  `)
  world.eventLog.commit()
  await world.settle()
  expect(world.heard()).toEqual([expect.stringMatching(/^04 10 /)])
})

it('lets a client end a message of QoS 2 of which the hub knows nothing any more', async () => {
  const world = new World()
  await world.talk(`${SUBSCRIBED(2)}
    > 04 0f 00 63
    < 04 10 00 63
    > 04 0e 00 63
  `)
})

it('unsubscribes a client from a topic of which it refuses the id (6.10)', async () => {
  const world = new World()
  await world.talk(`${SUBSCRIBED(1)}
    ! t/u 1 a
    < 09 0a 00 01 00 01 74 2f 75
    > 07 0b 00 01 00 01 03
    ! t/u 1 b
    ! t/v 0 c
    < 09 0a 00 02 00 01 74 2f 76
    > 07 0b 00 02 00 01 00
    < 08 0c 00 00 02 00 00 63
  `)
  expect(world.broker.stats().dropped['no-topic-id']).toBe(2)
  expect(world.broker.client('a')?.queued).toBe(0)
})

it('registers a topic anew whose id the client does not know, but not for ever', async () => {
  const world = new World()
  await world.talk(`${SUBSCRIBED(1)}
    ! t/u 1 a
    < 09 0a 00 01 00 01 74 2f 75
    > 07 0b 00 01 00 01 00
    < 08 0c 20 00 01 id 61
    > 07 0d 00 01 id 02
    < 09 0a 00 01 00 01 74 2f 75
    > 07 0b 00 01 00 01 00
    < 08 0c 20 00 01 id 61
    > 07 0d 00 01 id 02
    ! t/u 0 b
    < 08 0c 00 00 01 00 00 62
    > 07 0d 00 01 00 00 02         # lost, but the next is not
    ! t/u 0 c
    < 09 0a 00 01 00 01 74 2f 75
    > 07 0b 00 01 00 01 00
    < 08 0c 00 00 01 00 00 63
  `)
})

it('waits for a client that is congested, and does not send again what the client refuses', async () => {
  const world = new World()
  await world.talk(`${SUBSCRIBED(1)}
    ! t/u 1 a
    < 09 0a 00 01 00 01 74 2f 75
    > 07 0b 00 01 00 01 01
    . 10s
    < 09 0a 00 01 00 01 74 2f 75
    > 07 0b 00 01 00 01 00
    < 08 0c 20 00 01 id 61
    > 07 0d 00 01 id 01
    . 10s
    < 08 0c a0 00 01 id 61
    > 07 0d 00 01 id 03
    . 20s
  `)
  expect(world.broker.client('a')?.queued).toBe(0)
})

it('takes no answer that it does not wait for', async () => {
  const world = new World()
  await world.talk(`${SUBSCRIBED(2)}
    > 07 0d 00 01 id 00
    > 07 0b 00 01 00 01 00
    > 04 0e id
    ! t/u 2 a
    < 09 0a 00 01 00 01 74 2f 75
    > 07 0d 00 01 id 00
    > 07 0b 00 01 00 09 00         # of another REGISTER
    > 07 0b 00 01 00 01 00
    < 08 0c 40 00 01 id 61
    > 04 0e id
    > 04 0f id
    < 04 10 id
  `)
})

it('counts messages that are too long for a client, and goes on with the next', async () => {
  const world = new World({ settings: { messageSize: 64 } })
  await world.talk(`${SUBSCRIBED(2)}
    ! t/u 0 ${'x'.repeat(60)}
    ! t/u 1 ${'x'.repeat(60)}
    ! t/u 2 ${'x'.repeat(60)}
    ! t/u 1 y
    < 09 0a 00 01 00 01 74 2f 75
  `)
  expect(world.broker.stats().dropped['too-large']).toBe(3)
})

it('tells a long message its length in three octets', async () => {
  const world = new World()
  await world.talk(`
    > 07 04 04 01 00 3c 61
    < 03 05 00
    > 07 12 02 00 01 61 62
    < 08 13 00 00 00 00 01 00
    ! ab 0 ${'x'.repeat(248)}
    < ff 0c 02 61 62 00 00 ${'78 '.repeat(248).trim()}
    ! ab 0 ${'x'.repeat(249)}
    < 01 01 02 0c 02 61 62 00 00 ${'78 '.repeat(249).trim()}
  `)
})

it('sends what is retained as such, and at QoS 0 no more than may wait', async () => {
  const world = new World()
  await world.talk(`
    !! t/1 0 a
    !! t/2 0 b
    !! t/3 0 c
    !! t/4 0 d
    > 07 04 04 01 00 3c 61
    < 03 05 00
    > 08 12 00 00 01 74 2f 23
    < 08 13 00 00 00 00 01 00
    < 09 0a 00 01 00 01 74 2f 31
    > 07 0b 00 01 00 01 00
    < 08 0c 10 00 01 00 00 61
    < 09 0a 00 02 00 01 74 2f 32
  `)
  expect(world.broker.stats().dropped.slow).toBe(1)
})

it('asks a stranger for a word before it sends more than a few times what the stranger has sent', async () => {
  const world = new World({ settings: { queueMessages: 100 } })
  await world.talk(`
    > 07 04 04 01 00 3c 61
    < 03 05 00
    > 07 12 02 00 01 61 62
    < 08 13 00 00 00 00 01 00
  `)
  const payload = Buffer.alloc(93)
  for (let n = 0; n < 20; n++) {
    await world.broker.publish({ topic: 'ab', payload, qos: 0, retain: false, origin: 'http', cause: null })
  }
  await world.settle()
  const before = world.heard()
  expect(before.at(-1)).toBe('08 0a 00 01 00 01 61 62')
  // 1,024 octets, and three times the 14 that the client has sent.
  expect(before).toHaveLength(1 + 11)
  await world.talk('> 02 16\n< 02 17')
  world.says(Buffer.from('070b0001000100', 'hex'))
  expect(world.heard()).toHaveLength(20 - 11)
})

it.each([0, 1, 2] as const)('goes on after a message of QoS %i that no datagram can hold', async (qos) => {
  const world = new World()
  await world.talk(`
    > 07 04 00 01 00 3c 61
    < 03 05 00
    > 07 12 42 00 01 61 62
    < 08 13 40 00 00 00 01 00
    ! ab ${qos} ${'x'.repeat(70_000)}
    ! ab 0 y
    < 08 0c 02 61 62 00 00 79
  `)
  expect(world.broker.stats().dropped['too-large']).toBe(1)
})

it('goes on after a message on a topic whose REGISTER is longer than messageSize', async () => {
  const world = new World()
  await world.talk(`
    > 07 04 00 01 00 3c 61
    < 03 05 00
    > 06 12 00 00 01 23
    < 08 13 00 00 00 00 01 00
    ! ${'x'.repeat(2_000)} 0 x
    ! ab 0 y
    < 08 0c 02 61 62 00 00 79
  `)
  expect(world.broker.stats().dropped['too-large']).toBe(1)
})
