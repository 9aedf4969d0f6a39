// Covers `src/mqtt-sn/client/client.ts`, `src/mqtt-sn/client/line.ts`, `src/mqtt-sn/client/will.ts` and
// `src/mqtt-sn/client/will-prompt.ts`: how a client connects, with and without a will, and how it goes. Sections
// are those of the specification.

import { expect, it } from 'vitest'
import { World } from '../world.ts'

const DOOR = {
  begin: () => undefined,
  renew: () => null,
  onChanged() {},
}

it('accepts a CONNECT, and says goodbye to a DISCONNECT (6.2, 6.12)', async () => {
  const world = new World()
  await world.talk(`
    > 07 04 04 01 00 3c 61
    < 03 05 00
    > 02 18
    < 02 18
  `)
  expect(world.presence()).toEqual(['online', 'offline (clean)'])
})

it('answers a CONNECT that comes again, and begins nothing anew', async () => {
  const world = new World()
  await world.talk(`
    > 07 04 04 01 00 3c 61
    < 03 05 00
    > 07 04 04 01 00 3c 61     # CONNACK was lost
    < 03 05 00
  `)
  expect(world.presence()).toEqual(['online'])
})

it('replaces a client that connects anew, as after a restart of the sensor', async () => {
  const world = new World()
  await world.talk(`
    > 07 04 04 01 00 3c 61
    < 03 05 00
    > 06 0a 00 00 00 01        # REGISTER of an empty topic: not supported
    < 07 0b 00 00 00 01 03
    > 07 04 04 01 00 3c 61
    < 03 05 00
  `)
  expect(world.presence()).toEqual(['online', 'offline (kicked)', 'online'])
})

it('refuses another version, an empty client id, and whoever the door refuses', async () => {
  const world = new World({
    door: {
      ...DOOR,
      admit: () => ({ kind: 'refused', refusal: 'stranger', sentence: 'Nobody may.' }),
    },
  })
  await world.talk(`
    > 07 04 04 02 00 3c 61
    < 03 05 03
    > 06 04 04 01 00 3c
    < 03 05 03
    > 07 04 04 01 00 3c 61
    < 03 05 03
    > 02 16                    # it is not connected
    < 02 18
  `)
  expect(world.gateway.size).toBe(0)
})

it('calls a lack of room congestion', async () => {
  const world = new World({ limits: { connections: 1 } })
  await world.talk(`
    > 07 04 04 01 00 3c 61
    < 03 05 00
    b> 07 04 04 01 00 3c 62
    b< 03 05 01
  `)
})

it('asks for the will, and publishes it when the client falls silent (6.3)', async () => {
  const world = new World()
  await world.talk(`
    > 07 04 0c 01 00 0a 61     # Will, Clean; 10 s
    < 02 06                    # WILLTOPICREQ
    > 07 07 30 67 6f 6e 65     # WILLTOPIC gone, QoS 1, retained
    < 02 08                    # WILLMSGREQ
    > 05 09 62 79 65           # WILLMSG bye
    < 03 05 00
    . 14s                      # half as much again is tolerated below a minute (7.2)
  `)
  expect(world.events('gone')).toEqual([])
  await world.talk('. 1s')
  expect(world.events('gone')).toEqual(['gone: bye'])
  expect(world.eventLog.of('gone')[0]).toMatchObject({ origin: 'will', qos: 1, retain: true, client: 'a' })
  expect(world.presence()).toEqual(['online', 'lost (keepalive)'])
})

it('tolerates a tenth more above a minute (7.2)', async () => {
  const world = new World()
  await world.talk(`
    > 07 04 04 01 00 64 61     # 100 s
    < 03 05 00
    . 109s
    > 02 16
    < 02 17
    . 109s
  `)
  expect(world.presence()).toEqual(['online'])
  await world.talk('. 1s')
  expect(world.presence()).toEqual(['online', 'lost (keepalive)'])
})

it('asks for the will again until it comes, and gives up after N_retry', async () => {
  const world = new World()
  await world.talk(`
    > 07 04 0c 01 00 3c 61
    < 02 06
    . 10s
    < 02 06
    > 07 04 0c 01 00 3c 61     # the client repeats, too
    < 02 06
    . 10s
    < 02 06
    . 10s
    < 02 06
    . 10s
    > 07 07 30 67 6f 6e 65
  `)
  expect([world.gateway.size, world.presence()]).toEqual([0, []])
})

it('connects without a will where the client says none after all', async () => {
  const world = new World()
  await world.talk(`
    > 07 04 0c 01 00 0a 61
    < 02 06
    > 02 07
    < 03 05 00
    . 1m
  `)
  expect(world.presence()).toEqual(['online', 'lost (keepalive)'])
})

it('refuses a will on what is no topic name, and one on a topic that is the hub’s own', async () => {
  const world = new World()
  await world.talk(`
    > 07 04 0c 01 00 3c 61
    < 02 06
    > 06 07 10 61 2f 2b
    < 03 05 03
    > 07 04 0c 01 00 3c 61
    < 02 06
    > 0a 07 00 76 69 67 69 65 2f 78
    < 02 08
    > 03 09 21
    < 03 05 03
  `)
  expect(world.gateway.size).toBe(0)
})

it('keeps the will of a session that outlives its connection, until a clean one begins (6.3)', async () => {
  const world = new World()
  await world.talk(`
    > 07 04 08 01 00 0a 61     # Will, not clean
    < 02 06
    > 07 07 00 67 6f 6e 65
    < 02 08
    > 03 09 31
    < 03 05 00
    > 02 18
    < 02 18
    > 07 04 00 01 00 0a 61     # neither Will nor Clean
    < 03 05 00
    . 1m
  `)
  expect(world.events('gone')).toEqual(['gone: 1'])
  await world.talk(`
    > 07 04 04 01 00 0a 61     # clean: the will is gone, too
    < 03 05 00
    > 02 18
    < 02 18
    > 07 04 00 01 00 0a 61
    < 03 05 00
    . 1m
  `)
  expect(world.events('gone')).toEqual(['gone: 1'])
})

it('changes the will of a connected client, and takes it back (6.4)', async () => {
  const world = new World()
  await world.talk(`
    > 07 04 0c 01 00 0a 61
    < 02 06
    > 07 07 00 67 6f 6e 65
    < 02 08
    > 03 09 31
    < 03 05 00
    > 03 1c 32                 # WILLMSGUPD
    < 03 1d 00
    > 06 1a 10 6f 66 66        # WILLTOPICUPD off, retained
    < 03 1b 00
    > 06 1a 10 61 2f 23        # a/#
    < 03 1b 03
    . 1m
  `)
  expect([world.events('gone'), world.events('off')]).toEqual([[], ['off: 2']])
  await world.talk(`
    > 07 04 0c 01 00 0a 61
    < 02 06
    > 07 07 00 67 6f 6e 65
    < 02 08
    > 03 09 33
    < 03 05 00
    > 02 1a
    < 03 1b 00
    > 03 1c 34                 # there is no will
    < 03 1d 03
    . 1m
  `)
  expect(world.events('gone')).toEqual([])
})

it('acknowledges a change of the will once it is committed', async () => {
  const world = new World()
  await world.talk(`
    > 07 04 0c 01 00 0a 61
    < 02 06
    > 07 07 00 67 6f 6e 65
    < 02 08
    > 03 09 31
    < 03 05 00
  `)
  world.eventLog.commits = 'by hand'
  await world.talk('> 03 1c 32')
  world.eventLog.commit()
  expect(world.heard()).toEqual(['03 1d 00'])
})

it('says goodbye to a client whose id another one takes, and to one that an operator disconnects', async () => {
  const world = new World()
  await world.talk(`
    > 07 04 04 01 00 3c 61
    < 03 05 00
    b> 07 04 04 01 00 3c 61
    < 02 18
    b< 03 05 00
  `)
  await world.broker.kick('a', 'anna')
  await world.settle()
  expect(world.heard('b'.charCodeAt(0))).toEqual(['02 18'])
  expect(world.presence()).toEqual(['online', 'offline (takeover)', 'online', 'offline (kicked)'])
})

it('ends a client at whose address another one connects', async () => {
  const world = new World()
  await world.talk(`
    > 07 04 04 01 00 3c 61
    < 03 05 00
    > 07 04 04 01 00 3c 62
    < 03 05 00
  `)
  expect([world.presence('a'), world.presence('b')]).toEqual([['online', 'offline (kicked)'], ['online']])
})

it('says goodbye to all when it stops', async () => {
  const world = new World()
  await world.talk(`
    > 07 04 04 01 00 3c 61
    < 03 05 00
  `)
  world.gateway.stop()
  await world.settle()
  expect([world.heard(), world.presence()]).toEqual([['02 18'], ['online', 'offline (stopped)']])
})
