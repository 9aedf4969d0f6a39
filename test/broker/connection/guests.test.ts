// Covers `src/broker/connection/guests.ts`: clients for which a gateway speaks MQTT over a stream.

import { Duplex } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { Guest } from '../../../src/model/gate.ts'
import { encodePacket, type Packet } from '../../../src/mqtt/packet.ts'
import { decodePacket } from '../../../src/mqtt/packet.ts'
import { PacketParser } from '../../../src/mqtt/parser.ts'
import { startTestBroker } from '../test-broker.ts'

const CONNECT: Packet = {
  type: 'connect',
  version: 5,
  bridge: false,
  clean: false,
  keepAlive: 0,
  clientId: 'sensor',
  properties: { sessionExpiryInterval: 1_000, receiveMaximum: 1 },
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 6; turn++) await setImmediate()
}

async function start(connect: Packet = CONNECT) {
  const { broker, eventLog } = await startTestBroker({ limits: { keepAliveSeconds: 1 } })
  const gate = broker.gate()
  const received: Packet[] = []
  let idle = 0
  const parser = new PacketParser(
    {
      take(firstByte, buffer, from, to) {
        received.push(decodePacket(5, firstByte, buffer, from, to))
        return true
      },
    },
    { maximumPacketSize: 1_024, version: 5 },
  )
  const socket = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      parser.push(chunk)
      done()
    },
    final(done) {
      done()
      this.destroy()
    },
  })
  const arrival = { socket, address: 'here', protocol: 'OTHER 1', onIdle: () => void idle++ }
  const guest: Guest = gate.accept(arrival)
  const send = async (packet: Packet): Promise<void> => {
    socket.push(encodePacket(packet, 5))
    await settle()
  }
  const publish = async (payload: string, qos: 0 | 1): Promise<void> => {
    const publication = { topic: 't', payload: Buffer.from(payload), qos, retain: false }
    await broker.publish({ ...publication, origin: 'hub', cause: null } as never)
    await settle()
  }
  const taken = (): string[] =>
    received.splice(0).map((packet) => (packet.type === 'publish' ? packet.payload.toString() : packet.type))
  const presence = (): unknown =>
    JSON.parse(eventLog.of('vigie/clients/sensor').at(-1)?.payload.toString() ?? 'null')
  await send(connect)
  const filter = { filter: 't', qos: 1, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const
  await send({ type: 'subscribe', packetId: 1, subscriptions: [filter] })
  return { broker, eventLog, gate, guest, send, publish, taken, presence, idle: () => idle }
}

const puback = (packetId: number): Packet => ({ type: 'puback', packetId, reasonCode: 0 })

it('holds messages of QoS 1 back while its client sleeps, and brings them one by one when it wakes', async () => {
  const { guest, send, publish, taken, presence, idle, eventLog } = await start()
  expect(taken()).toEqual(['connack', 'suback'])
  expect(presence()).toMatchObject({ state: 'online', protocol: 'OTHER 1' })
  guest.sleep('asleep')
  await publish('a', 1)
  await publish('b', 1)
  expect([taken(), guest.isOwed, presence()]).toMatchObject([[], true, { state: 'asleep' }])
  const before = idle()
  guest.wake('awake')
  await settle()
  expect([taken(), presence()]).toMatchObject([['a'], { state: 'awake' }])
  const [a, b] =
    eventLog.of('t').length > 0 ? eventLog.of('t') : eventLog.events.filter(({ topic }) => topic === 't')
  await send(puback((a!.id % 65_535) + 1))
  expect([taken(), idle() - before]).toEqual([['b'], 0])
  await send(puback((b!.id % 65_535) + 1))
  expect([guest.isOwed, idle() - before]).toEqual([false, 1])
})

it('is idle at once when nothing waits, and says nothing of it in its presence unless it is asked to', async () => {
  const { guest, presence, idle } = await start()
  guest.sleep('asleep')
  const before = idle()
  guest.wake(null)
  expect([idle() - before, presence()]).toMatchObject([1, { state: 'asleep' }])
})

it('lets the gateway watch over silence, and calls a client lost that was silent for too long', async () => {
  const { guest, taken, presence } = await start()
  guest.close('keepalive')
  await settle()
  expect(taken().at(-1)).toBe('disconnect')
  expect(presence()).toMatchObject({ state: 'lost', reason: 'keepalive' })
})

it('replaces a will once that is committed, but for a topic on which only the hub publishes', async () => {
  const { guest, eventLog } = await start()
  const will = { topic: 'gone', payload: Buffer.from('w'), qos: 1, retain: false } as const
  const taken: boolean[] = []
  guest.setWill({ ...will, topic: 'vigie/x' }, (isTaken) => taken.push(isTaken))
  guest.setWill(will, (isTaken) => taken.push(isTaken))
  expect(taken).toEqual([false])
  await settle()
  expect(taken).toEqual([false, true])
  guest.close('keepalive')
  expect(eventLog.of('gone')).toHaveLength(1)
})

it('forgets a session later, unless somebody has taken it up since', async () => {
  const { broker, gate, guest } = await start()
  const forget = guest.forgetLater()
  forget()
  expect(broker.client('sensor')).toBeDefined() // it is connected
  guest.close('kicked')
  await settle()
  forget()
  expect([broker.client('sensor'), gate.isUsable()]).toEqual([undefined, true])
})

it('ends the session together with the connection where the gateway says so', async () => {
  const { broker, guest } = await start()
  guest.close('kicked', true)
  await settle()
  expect(broker.client('sensor')).toBeUndefined()
})
