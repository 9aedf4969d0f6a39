// Covers `src/mqtt-sn/client/client.ts`, `src/mqtt-sn/client/state.ts` and `src/mqtt-sn/client/patience.ts`: clients
// that sleep (6.14).

import { expect, it } from 'vitest'
import { toleranceOf } from '../../../src/mqtt-sn/client/patience.ts'
import { World } from '../world.ts'

/** A client that subscribes to `ab` at QoS 1 and sleeps for 100 s. */
const ASLEEP = `
  > 07 04 00 01 00 3c 61
  < 03 05 00
  > 07 12 22 00 01 61 62
  < 08 13 20 00 00 00 01 00
  > 04 18 00 64
  < 02 18
`

it('keeps the messages of a client that sleeps, and brings them when it wakes', async () => {
  const world = new World()
  await world.talk(`${ASLEEP}
    ! ab 1 x
    ! ab 1 y
    > 03 16 61
    < 08 0c 22 61 62 id 78
    > 07 0d 61 62 id 00
    < 08 0c 22 61 62 id 79
    > 07 0d 61 62 id 00
    < 02 17
    ! ab 1 z
    > 03 16 61
    < 08 0c 22 61 62 id 7a
  `)
  expect(world.presence()).toEqual(['online', 'asleep', 'awake', 'asleep', 'awake'])
})

it('lets a client sleep on at once that finds nothing, without a word of it to others', async () => {
  const world = new World()
  await world.talk(`${ASLEEP}
    > 03 16 61
    < 02 17
    > 03 16 61
    < 02 17
  `)
  expect(world.presence()).toEqual(['online', 'asleep'])
})

it('says once in presence that a client sleeps, however often it goes back to sleep', async () => {
  const world = new World()
  await world.talk(`${ASLEEP}
    > 04 18 00 64                # DISCONNECT was lost on its way to the client
    < 02 18
    ! ab 1 x
    > 03 16 61
    < 08 0c 22 61 62 id 78
    > 04 18 00 64                # it sleeps before it has what waits
    < 02 18
    > 03 16 61
    < 08 0c 22 61 62 id 78
    > 07 0d 61 62 id 00
    < 02 17
    > 03 16 61
    < 02 17
  `)
  expect(world.presence()).toEqual(['online', 'asleep', 'awake', 'asleep', 'awake', 'asleep'])
})

it('brings what came at QoS 0, too, as much as may wait', async () => {
  const world = new World()
  await world.talk(`${ASLEEP}
    ! ab 0 1
    ! ab 0 2
    ! ab 0 3
    ! ab 0 4
    > 03 16 61
    < 08 0c 02 61 62 00 00 31
    < 08 0c 02 61 62 00 00 32
    < 08 0c 02 61 62 00 00 33
    < 02 17
  `)
  expect(world.broker.stats().dropped.slow).toBe(1)
})

it('keeps no message of QoS 0 for a client that sleeps which is too long for it', async () => {
  const world = new World({ settings: { messageSize: 10 } })
  await world.talk(`${ASLEEP}
    ! ab 0 12345
    ! ab 0 1
    ! ab 0 2
    ! ab 0 3
  `)
  expect(world.broker.stats().dropped).toMatchObject({ 'too-large': 1, slow: 0 })
  await world.talk(`
    > 03 16 61
    < 08 0c 02 61 62 00 00 31
    < 08 0c 02 61 62 00 00 32
    < 08 0c 02 61 62 00 00 33
    < 02 17
  `)
})

it('keeps the order of QoS 1, registers topics while the client is awake, and ends QoS 2 before it sleeps', async () => {
  const world = new World()
  await world.talk(`
    > 07 04 00 01 00 3c 61
    < 03 05 00
    > 08 12 40 00 01 74 2f 23
    < 08 13 40 00 00 00 01 00
    > 04 18 00 64
    < 02 18
    ! t/u 2 x
    ! t/v 1 y
    > 03 16 61
    < 09 0a 00 01 00 01 74 2f 75
    > 07 0b 00 01 00 01 00
    < 08 0c 40 00 01 id 78
    > 03 16 61                    # the client has waited for too long
    > 04 0f id
    < 04 10 id
    > 04 0e id
    < 09 0a 00 02 00 01 74 2f 76
    > 07 0b 00 02 00 01 00
    < 08 0c 20 00 02 id 79
    > 07 0d 00 02 id 00
    < 02 17
  `)
})

it('counts the time of sleep anew from each PINGREQ, and takes the client for lost afterwards', async () => {
  const world = new World()
  await world.talk(`
    > 07 04 0c 01 00 3c 61
    < 02 06
    > 07 07 00 67 6f 6e 65
    < 02 08
    > 05 09 62 79 65
    < 03 05 00
    > 04 18 00 64
    < 02 18
    . 109s
    > 03 16 61
    < 02 17
    . 109s
  `)
  expect(world.events('gone')).toEqual([])
  await world.talk('. 1s')
  expect(world.events('gone')).toEqual(['gone: bye'])
  expect(world.presence()).toEqual(['online', 'asleep', 'lost (keepalive)'])
  await world.talk(`
    > 03 16 61
    < 02 18
  `)
})

it('sends a message again when the client wakes once more, which it did not acknowledge', async () => {
  const world = new World()
  await world.talk(`${ASLEEP}
    ! ab 1 x
    > 03 16 61
    < 08 0c 22 61 62 id 78
    . 10s
    < 08 0c a2 61 62 id 78
    . 10s
    < 08 0c a2 61 62 id 78
    . 10s
    . 10s
    > 03 16 61
    < 08 0c 22 61 62 id 78
    > 07 0d 61 62 id 00
    < 02 17
  `)
  expect(world.presence()).toEqual(['online', 'asleep', 'awake', 'asleep', 'awake', 'asleep'])
})

it('takes up its work when it connects, and knows no topic id any more', async () => {
  const world = new World()
  await world.talk(`
    > 07 04 00 01 00 3c 61
    < 03 05 00
    > 08 12 20 00 01 74 2f 75
    < 08 13 20 00 01 00 01 00
    > 04 18 00 64
    < 02 18
    ! t/u 1 x
    > 07 04 00 01 00 3c 61
    < 03 05 00
    < 09 0a 00 02 00 01 74 2f 75
    > 07 0b 00 02 00 01 00
    < 08 0c 20 00 02 id 78
    > 07 0d 00 02 id 00
    > 02 16
    < 02 17
  `)
  expect(world.presence()).toEqual(['online', 'asleep', 'online'])
})

it('says its will anew when it connects from its sleep', async () => {
  const world = new World()
  await world.talk(`${ASLEEP}
    > 07 04 08 01 00 0a 61
    < 02 06
    > 07 07 00 67 6f 6e 65
    < 02 08
    > 03 09 32
    < 03 05 00
    . 1m
  `)
  expect(world.events('gone')).toEqual(['gone: 2'])
})

it('begins anew after sleep with a clean session, and nobody hears of a will', async () => {
  const world = new World()
  await world.talk(`
    > 07 04 08 01 00 3c 61
    < 02 06
    > 07 07 00 67 6f 6e 65
    < 02 08
    > 03 09 31
    < 03 05 00
    > 04 18 00 64
    < 02 18
    > 07 04 04 01 00 3c 61
    < 03 05 00
  `)
  expect(world.events('gone')).toEqual([])
})

it('takes what a client publishes in its sleep, and sleeps for as long as it says then', async () => {
  const world = new World()
  await world.talk(`${ASLEEP}
    > 08 0c 22 63 64 00 03 78
    < 07 0d 63 64 00 03 00
    > 04 18 00 c8
    < 02 18
    . 219s
    > 03 16 61
    < 02 17
    > 03 16 62                    # that is another client
    < 02 18
    > 02 18
    < 02 18
  `)
  expect(world.events()).toEqual(['cd: x'])
  expect(world.presence().at(-1)).toBe('offline (clean)')
})

it('keeps the messages of a clean session, too, for as long as it sleeps', async () => {
  const world = new World()
  await world.talk(`
    > 07 04 04 01 00 3c 61
    < 03 05 00
    > 07 12 22 00 01 61 62
    < 08 13 20 00 00 00 01 00
    > 04 18 00 64
    < 02 18
    ! ab 1 x
    > 03 16 61
    < 08 0c 22 61 62 id 78
    > 07 0d 61 62 id 00
    < 02 17
  `)
})

it.each([
  [60, 90_000],
  [61, 67_100],
  [1, 1_500],
  [0, 86_400_000],
])('tolerates of %d s a silence of %d ms', (seconds, expected) => {
  expect(toleranceOf(seconds)).toBeCloseTo(expected)
})

it('reads what has come while the hub was held up before it takes a client for lost', async () => {
  const world = new World()
  await world.talk(ASLEEP)
  world.clock.stall(200_000)
  // The loop of the hub calls timers first, and reads the socket afterwards.
  world.clock.after(0, () => world.says(Buffer.from('031661', 'hex')))
  await world.talk(`
    . 1s
    < 02 17
  `)
  expect(world.presence()).toEqual(['online', 'asleep'])
})
