// Covers `src/mqtt-sn/gateway/gateway.ts`, `src/mqtt-sn/gateway/nameless.ts`, `src/mqtt-sn/gateway/kept-wills.ts`,
// `src/mqtt-sn/gateway/faults.ts` and `src/mqtt-sn/gateway/left-sessions.ts`.

import { expect, it } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { Faults } from '../../../src/mqtt-sn/gateway/faults.ts'
import { KeptWills } from '../../../src/mqtt-sn/gateway/kept-wills.ts'
import { LeftSessions } from '../../../src/mqtt-sn/gateway/left-sessions.ts'
import { MemoryEventLog } from '../../broker/memory-event-log.ts'
import { readableLog } from '../../support/log.ts'
import { World } from '../world.ts'

it('tells who looks for a gateway that it is there, while it can keep what it acknowledges (6.1)', async () => {
  const eventLog = new MemoryEventLog()
  const world = new World({ eventLog })
  await world.talk(`
    > 03 01 00
    < 03 02 07
  `)
  eventLog.trouble = 'The disk is full.'
  await world.talk('> 03 01 00')
})

it('has whoever is not connected connect, and answers nothing that could go in a circle', async () => {
  const world = new World()
  await world.talk(`
    > 08 0c 00 00 01 00 00 31      # PUBLISH
    < 02 18
    > 07 0a 00 00 00 01 75         # REGISTER
    < 02 18
    > 06 12 00 00 01 23            # SUBSCRIBE
    < 02 18
    > 06 14 00 00 01 23            # UNSUBSCRIBE
    < 02 18
    > 04 10 00 01                  # PUBREL
    < 02 18
    > 03 16 61                     # PINGREQ of one that sleeps
    < 02 18
    > 03 1c 31                     # WILLMSGUPD
    < 02 18
    > 02 1a                        # WILLTOPICUPD
    < 02 18
    > 02 18                        # DISCONNECT
    > 02 17
    > 07 0d 00 01 00 01 00
    > 04 0f 00 01
    > 04 0e 00 01
    > 07 0b 00 01 00 01 00
    > 03 05 00
    > 03 02 01
    > 05 00 01 00 3c
    > 02 06
    > 02 08
    > 06 07 00 61 62 63
    > 03 09 31
  `)
})

it('publishes at QoS −1 for whoever is not connected, by predefined ids of all and short names (6.8)', async () => {
  const world = new World()
  await world.talk(`
    > 08 0c 61 00 01 00 00 78
    b> 08 0c 72 61 62 00 00 79     # retained
    > 08 0c 61 00 02 00 00 7a      # an id of a only
    > 08 0c 60 00 01 00 00 7a      # no id of anybody
  `)
  expect(world.events()).toEqual(['all/known: x', 'ab: y'])
  expect(world.eventLog.of('ab')).toMatchObject([{ client: 'mqtt-sn-1884', qos: 0, retain: true }])
  expect(world.presence('mqtt-sn-1884')).toEqual(['online'])
})

it('takes no QoS −1 where the configuration or the door says so', async () => {
  const closed = new World({ settings: { connectionless: false } })
  await closed.talk('> 08 0c 61 00 01 00 00 78')
  let asked = 0
  const refusing = new World({
    door: {
      admit() {
        asked++
        return { kind: 'refused', refusal: 'stranger', sentence: 'Nobody may.' }
      },
      begin: () => undefined,
      renew: () => null,
      onChanged() {},
    },
  })
  await refusing.talk(`
    > 08 0c 61 00 01 00 00 78
    > 08 0c 61 00 01 00 00 78
    . 9s
    > 08 0c 61 00 01 00 00 78
  `)
  expect([closed.events(), refusing.events(), asked]).toEqual([[], [], 1])
  await refusing.talk('. 1s\n> 08 0c 61 00 01 00 00 78')
  expect(asked).toBe(2)
})

it('connects again for QoS −1 when an operator has disconnected the client that stands for all', async () => {
  const world = new World()
  await world.talk('> 08 0c 61 00 01 00 00 78')
  await world.broker.kick('mqtt-sn-1884', 'anna')
  await world.settle()
  await world.talk('> 08 0c 61 00 01 00 00 79')
  expect(world.events()).toEqual(['all/known: x', 'all/known: y'])
})

it('serves the nodes behind a forwarder, each for itself (5.5)', async () => {
  const world = new World()
  await world.talk(`
    > 05 fe 02 0a 0b 07 04 04 01 00 3c 61
    < 05 fe 02 0a 0b 03 05 00
    > 04 fe 00 0c 07 04 04 01 00 3c 62
    < 04 fe 00 0c 03 05 00
    > 05 fe 01 0a 0b 08 0c 22 61 62 00 03 78
    < 05 fe 02 0a 0b 07 0d 61 62 00 03 00
    > 04 fe 01 0d 02 16
    < 04 fe 01 0d 02 18
    > 03 fe 00 03 01 00
    < 03 fe 00 03 02 07
    > 04 fe 00 0c 04 fe 00 0c 02 16
  `)
  const online = world.eventLog.of('vigie/clients/a').map(({ payload }) => payload.toString())
  expect(online).toEqual([expect.stringContaining('"address":"10.0.0.1/0a0b"')])
})

it('has a place for whoever hears it, whatever comes from forged addresses', async () => {
  const world = new World({ settings: { clients: 4 } })
  // A client that answers what only it was told, and one that was let in and says no more.
  await world.talk(`
    > 07 04 00 01 00 3c 61
    < 03 05 00
    > 08 12 20 00 01 74 2f 23
    < 08 13 20 00 00 00 01 00
    ! t/u 0 x
    < 09 0a 00 01 00 01 74 2f 75
    > 07 0b 00 01 00 01 00
    < 08 0c 00 00 01 00 00 78
    b> 07 04 00 01 00 3c 62
    b< 03 05 00
  `)
  for (let forged = 0; forged < 300; forged++) {
    const clientId = `forged-${forged}`
    const connect = Buffer.from([6 + clientId.length, 0x04, 0x00, 0x01, 0, 60, ...Buffer.from(clientId)])
    world.says(connect, 1_000 + forged)
    // Some say goodbye at once, so as to leave their sessions behind.
    if (forged % 2 === 0) world.says(Buffer.from('0218', 'hex'), 1_000 + forged)
    await world.settle()
  }
  expect(world.gateway.size).toBeLessThanOrEqual(4)
  expect(world.presence('a')).toEqual(['online'])
  expect(world.presence('b')).toEqual(['online', 'offline (kicked)'])
  // Four that are connected, of whom one is a, and four that were left.
  expect(world.broker.stats().sessions).toBeLessThanOrEqual(8)
  expect([world.broker.client('a'), world.broker.client('b')]).toEqual([expect.anything(), undefined])
  await world
    .talk(`
    c> 07 04 04 01 00 3c 63
    b< 02 18
    c< 03 05 00
  `)
    .catch(() => {})
  expect(world.presence('c')).toEqual(['online'])
})

it('is congested when all places are taken by clients that hear it', async () => {
  const world = new World({ settings: { clients: 1 } })
  await world.talk(`
    > 07 04 04 01 00 3c 61
    < 03 05 00
    > 07 0a 00 00 00 01 75
    < 07 0b 00 01 00 01 00
    > 08 0c 00 00 01 00 00 78
    b> 07 04 04 01 00 3c 62
    b< 03 05 01
  `)
})

it('ends no session of somebody else with the sessions that strangers have left', () => {
  const ended: string[] = []
  const left = new LeftSessions(2)
  for (const id of ['a', 'b', 'a', 'c', 'd']) left.add(id, () => ended.push(id))
  expect(ended).toEqual(['b', 'a'])
  expect([left.take('c'), left.take('c'), left.take('a')]).toEqual([true, false, false])
})

it('keeps as many wills as it may, and forgets the oldest', () => {
  const will = { topic: 't', payload: Buffer.from('x'), qos: 0, retain: false } as const
  const wills = new KeptWills(2)
  for (const id of ['a', 'b', 'c']) wills.set(id, will)
  wills.set('c', null)
  expect(['a', 'b', 'c'].map((id) => wills.get(id))).toEqual([null, will, null])
})

it('tells once a minute how many datagrams were not understood', () => {
  const clock = new ManualClock()
  const { log, lines } = readableLog()
  const faults = new Faults(clock, log)
  for (let n = 0; n < 1_000; n++) faults.add('10.0.0.1', 'is of no known type (3)')
  expect(lines).toEqual([])
  clock.advance(60_000)
  faults.add('10.0.0.1', 'is of no known type (4)')
  faults.stop()
  faults.stop()
  expect(lines).toEqual([
    'MQTT-SN: 1000 datagrams were not understood. The last one: A datagram from 10.0.0.1 is of no known type (3).',
    'MQTT-SN: 1 datagram was not understood. The last one: A datagram from 10.0.0.1 is of no known type (4).',
  ])
})
