// Covers `src/mqtt-sn/client/traffic.ts`, `src/mqtt-sn/client/uplink.ts` and `src/mqtt-sn/client/repeats.ts`: what a
// client publishes and subscribes to.

import { expect, it } from 'vitest'
import { hex, World } from '../world.ts'

const CONNECTED = `
  > 07 04 04 01 00 3c 61
  < 03 05 00
`

it('registers a topic, and publishes under its id at each QoS (6.6, 6.7)', async () => {
  const world = new World()
  await world.talk(`${CONNECTED}
    > 09 0a 00 00 00 01 74 2f 75
    < 07 0b 00 01 00 01 00
    > 08 0c 00 00 01 00 00 30
    > 08 0c 20 00 01 00 02 31
    < 07 0d 00 01 00 02 00
    > 08 0c 40 00 01 00 03 32
    < 04 0f 00 03
    > 04 10 00 03
    < 04 0e 00 03
  `)
  expect(world.events()).toEqual(['t/u: 0', 't/u: 1', 't/u: 2'])
})

it('publishes under predefined ids, of all clients and of its own, and under short names (6.5, 6.6)', async () => {
  const world = new World()
  await world.talk(`${CONNECTED}
    > 08 0c 21 00 01 00 01 78
    < 07 0d 00 01 00 01 00
    > 08 0c 21 00 02 00 02 78
    < 07 0d 00 02 00 02 00
    > 08 0c 22 61 62 00 03 78
    < 07 0d 61 62 00 03 00
    > 08 0c 32 61 62 00 04 79      # retained
    < 07 0d 61 62 00 04 00
  `)
  expect(world.events()).toEqual(['all/known: x', 'own/known: x', 'ab: x', 'ab: y'])
  expect(world.eventLog.of('ab').map(({ retain }) => retain)).toEqual([false, true])
})

it('acknowledges a message once its event is committed, and not before', async () => {
  const world = new World()
  await world.talk(CONNECTED)
  world.eventLog.commits = 'by hand'
  await world.talk(`
    > 08 0c 22 61 62 00 03 78
    > 08 0c a2 61 62 00 03 78      # again, while the first is under way
    . 15s
    > 02 16
    < 02 17
  `)
  expect(world.events()).toEqual(['ab: x'])
  world.eventLog.commit()
  await world.settle()
  expect(world.heard()).toEqual(['07 0d 61 62 00 03 00'])
})

it('acknowledges a repeat of what is acknowledged, and publishes it once', async () => {
  const world = new World()
  await world.talk(`${CONNECTED}
    > 08 0c 22 61 62 00 03 78
    < 07 0d 61 62 00 03 00
    > 08 0c a2 61 62 00 03 78      # PUBACK was lost
    < 07 0d 61 62 00 03 00
    > 08 0c a2 61 62 00 03 79      # another message
    < 07 0d 61 62 00 03 00
    > 08 0c 22 61 62 00 03 79      # a new message of the same bytes
    < 07 0d 61 62 00 03 00
  `)
  expect(world.events()).toEqual(['ab: x', 'ab: y', 'ab: y'])
})

it('has a client wait that uses an id which is still in use', async () => {
  const world = new World()
  await world.talk(CONNECTED)
  world.eventLog.commits = 'by hand'
  await world.talk(`
    > 08 0c 22 61 62 00 03 78
    > 08 0c 22 61 62 00 03 79
    < 07 0d 61 62 00 03 01
  `)
  expect(world.events()).toEqual(['ab: x'])
})

it('takes a message of QoS 2 once, however often it comes', async () => {
  const world = new World()
  await world.talk(`${CONNECTED}
    > 08 0c 42 61 62 00 03 78
    < 04 0f 00 03
    > 08 0c c2 61 62 00 03 78
    < 04 0f 00 03
    > 04 10 00 03
    < 04 0e 00 03
    > 04 10 00 03                  # PUBCOMP was lost
    < 04 0e 00 03
  `)
  expect(world.events()).toEqual(['ab: x'])
})

it('refuses ids that stand for nothing, ids of others, and messages of QoS 1 without an id', async () => {
  const world = new World()
  await world.talk(`${CONNECTED}
    b> 07 04 04 01 00 3c 62
    b< 03 05 00
    b> 09 0a 00 00 00 01 74 2f 75
    b< 07 0b 00 01 00 01 00
    > 08 0c 20 00 01 00 02 31      # only b has it
    < 07 0d 00 01 00 02 02
    > 08 0c 00 00 01 00 00 31      # also of QoS 0
    < 07 0d 00 01 00 00 02
    b> 08 0c 21 00 02 00 03 31     # only a has it
    b< 07 0d 00 02 00 03 02
    > 08 0c 22 61 23 00 03 31      # the name a#
    < 07 0d 61 23 00 03 02
    > 08 0c 22 61 62 00 00 31
    < 07 0d 61 62 00 00 03
  `)
  expect(world.events()).toEqual([])
})

it('refuses topics that only the hub publishes on, and messages that the broker would not take', async () => {
  const world = new World({ limits: { packetBytes: 64 } })
  await world.talk(`${CONNECTED}
    > 0d 0a 00 00 00 01 76 69 67 69 65 2f 78
    < 07 0b 00 01 00 01 00
    > 08 0c 20 00 01 00 02 31
    < 07 0d 00 01 00 02 03
    > 08 0c 40 00 01 00 03 31
    < 07 0d 00 01 00 03 03
    > 08 0c 00 00 01 00 00 31      # at QoS 0 nobody waits for a word
    > 39 0c 22 61 62 00 03 ${'78 '.repeat(50)}
    < 07 0d 61 62 00 03 03
  `)
  expect(world.events()).toEqual([])
  expect(world.broker.stats().dropped.denied).toBe(3)
})

it('gives out as many topic ids as it may, and refuses what is no topic name', async () => {
  const world = new World({ settings: { topicIds: 2 } })
  await world.talk(`${CONNECTED}
    > 07 0a 00 00 00 01 75
    < 07 0b 00 01 00 01 00
    > 07 0a 00 00 00 02 76
    < 07 0b 00 02 00 02 00
    > 07 0a 00 00 00 03 77
    < 07 0b 00 00 00 03 01
    > 07 0a 00 00 00 04 75         # again
    < 07 0b 00 01 00 04 00
    > 07 0a 00 00 00 05 23
    < 07 0b 00 00 00 05 03
  `)
})

it('takes QoS −1 from a client that is connected', async () => {
  const world = new World()
  await world.talk(`${CONNECTED}
    > 08 0c 61 00 02 00 00 78
  `)
  expect(world.eventLog.of('own/known')).toMatchObject([{ client: 'a', qos: 0 }])
})

it('tells the id of a topic in SUBACK, 0 for a wildcard and a short name (6.9)', async () => {
  const world = new World()
  await world.talk(`${CONNECTED}
    > 08 12 20 00 01 74 2f 75
    < 08 13 20 00 01 00 01 00
    > 08 12 40 00 02 74 2f 23
    < 08 13 40 00 00 00 02 00
    > 07 12 22 00 03 61 62
    < 08 13 20 00 00 00 03 00
    > 07 12 21 00 04 00 01
    < 08 13 20 00 01 00 04 00
    > 07 12 21 00 05 00 09
    < 08 13 00 00 00 00 05 02
    > 08 12 20 00 06 74 23 75
    < 08 13 00 00 00 00 06 03
    > 08 12 60 00 07 74 2f 75      # there is no QoS −1 here
    < 08 13 00 00 00 00 07 03
    > 08 12 20 00 00 74 2f 75
    < 08 13 00 00 00 00 00 03
  `)
  expect(world.broker.client('a')?.subscriptions).toEqual([
    { filter: 't/u', qos: 1 },
    { filter: 't/#', qos: 2 },
    { filter: 'ab', qos: 1 },
    { filter: 'all/known', qos: 1 },
  ])
})

it('lets a client have one SUBSCRIBE under way (6.13)', async () => {
  const world = new World()
  await world.talk(`
    > 07 04 00 01 00 3c 61
    < 03 05 00
  `)
  world.eventLog.commits = 'by hand'
  await world.talk(`
    > 08 12 20 00 01 74 2f 75
    > 08 12 20 00 01 74 2f 75      # again
    > 08 12 20 00 02 74 2f 76
    < 08 13 00 00 00 00 02 01
  `)
  world.eventLog.commit()
  await world.settle()
  expect(world.heard()).toEqual(['08 13 20 00 01 00 01 00'])
})

it('unsubscribes, and answers also for what was not subscribed to', async () => {
  const world = new World()
  await world.talk(`${CONNECTED}
    > 07 12 22 00 03 61 62
    < 08 13 20 00 00 00 03 00
    > 07 14 02 00 04 61 62
    < 04 15 00 04
    > 07 14 01 00 05 00 09
    < 04 15 00 05
    ! ab 1 x
  `)
})

it('is a member of a shared subscription', async () => {
  const world = new World()
  await world.talk(`${CONNECTED}
    > 11 12 00 00 01 ${hex(Buffer.from('$share/g/t/u'))}
    < 08 13 00 00 01 00 01 00
    ! t/u 0 x
    < 08 0c 00 00 01 00 00 78
  `)
})
