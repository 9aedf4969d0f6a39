import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { decodePacket, encodePacket } from '../../../src/mqtt/packet.ts'
import type { Packet } from '../../../src/mqtt/packet.ts'
import { PacketParser } from '../../../src/mqtt/parser.ts'
import type { MqttTarget } from '../../../src/model/probe.ts'
import { temporaryFolder } from '../../support/hub.ts'
import { itWith } from '../../support/tools.ts'
import { check, checkUntil, CLOSED, failed, good, host, serve, unable } from './probing.ts'

type Answer = (packet: Packet, send: (answer: Packet) => void, socket: Socket) => void

/** A broker on the loopback that answers packets as it is told to. */
const broker = (answer: Answer): Promise<number> =>
  serve((socket) => {
    const send = (packet: Packet): void => void socket.write(encodePacket(packet, 4))
    const take = (firstByte: number, buffer: Buffer, start: number, end: number): boolean => {
      answer(decodePacket(4, firstByte, buffer, start, end), send, socket)
      return true
    }
    const parser = new PacketParser({ take }, { maximumPacketSize: 1_000, version: 4 })
    socket.on('data', (chunk) => parser.push(chunk))
  })

const connack = (reasonCode: 0 | 0x87): Packet => ({ type: 'connack', sessionPresent: false, reasonCode })
const suback = (reasonCode: 0 | 0x80): Packet => ({ type: 'suback', packetId: 1, reasonCodes: [reasonCode] })
const message = (retain: boolean): Packet => ({
  type: 'publish',
  dup: false,
  qos: 0,
  retain,
  topic: 'a/b',
  payload: Buffer.from('x'),
})

/** Takes connections and subscriptions, and then publishes these. */
const publishing =
  (...messages: readonly Packet[]): Answer =>
  (packet, send) => {
    if (packet.type === 'connect') send(connack(0))
    if (packet.type !== 'subscribe') return
    send(suback(0))
    for (const each of messages) send(each)
  }

const fresh = { filter: 'a/#', withinMs: 60_000 }

test.each<[string, Answer, Partial<MqttTarget>, object]>([
  ['is good when it takes the connection', publishing(), {}, good],
  [
    'fails when it does not',
    (_packet, send) => send(connack(0x87)),
    {},
    failed('it refuses the connection: Not authorized'),
  ],
  [
    'fails when it closes the connection',
    (_packet, _send, socket) => socket.end(),
    {},
    failed('it closed the connection'),
  ],
  [
    'fails when what it says is no MQTT',
    (_packet, _send, socket) => socket.write('HTTP/1.1 400\r\n'),
    {},
    failed(''),
  ],
  ['is good when something is published', publishing(message(true), message(false)), { fresh }, good],
  [
    'fails when it refuses the subscription',
    (packet, send) => send(packet.type === 'connect' ? connack(0) : suback(0x80)),
    { fresh },
    failed('it refuses the subscription to "a/#"'),
  ],
  [
    'fails when it closes the connection before anything is published',
    (packet, send, socket) => (packet.type === 'connect' ? send(connack(0)) : socket.end()),
    { fresh },
    failed('it closed the connection'),
  ],
  [
    'cannot be checked without its password',
    publishing(),
    { user: 'me', password: { secret: 'NONE' } },
    unable('Secret NONE is not set'),
  ],
])('an mqtt ping %s', async (_title, answer, more, outcome) => {
  expect(await check({ kind: 'mqtt', host, port: await broker(answer), ...more })).toEqual(outcome)
})

test('an mqtt ping logs in, subscribes and says good-bye', async () => {
  const heard: Packet[] = []
  const gone = Promise.withResolvers<void>()
  const port = await broker((packet, send, socket) => {
    heard.push(packet)
    publishing(message(false))(packet, send, socket)
    if (packet.type === 'disconnect') gone.resolve()
  })
  const target = { kind: 'mqtt', host, port, user: 'me', password: { secret: 'TOKEN' }, fresh } as const
  expect(await check(target)).toEqual(good)
  await gone.promise
  expect(heard).toMatchObject([
    { type: 'connect', version: 4, clean: true, username: 'me', password: Buffer.from('swordfish') },
    { type: 'subscribe', subscriptions: [{ filter: 'a/#', qos: 0 }] },
    { type: 'disconnect' },
  ])
})

test('an mqtt ping does not take a retained message for a fresh one', async () => {
  const clock = new ManualClock()
  const subscribed = Promise.withResolvers<void>()
  const port = await broker((packet, send, socket) => {
    publishing(message(true))(packet, send, socket)
    if (packet.type === 'subscribe') subscribed.resolve()
  })
  const checking = check({ kind: 'mqtt', host, port, fresh }, { clock, timeoutMs: 5_000 })
  await subscribed.promise
  clock.advance(60_000)
  expect(await checking).toEqual(failed('nothing was published on "a/#" within 1m'))
})

test('an mqtt ping fails when nothing listens, or nothing is answered in time, however long a message may take', async () => {
  expect(await check({ kind: 'mqtt', ...CLOSED })).toEqual(failed('nothing listens there'))
  const connected = Promise.withResolvers<void>()
  const port = await broker(() => connected.resolve())
  expect(await checkUntil({ kind: 'mqtt', host, port }, connected.promise)).toEqual(
    failed('no answer within 5s'),
  )
  const clock = new ManualClock()
  const again = Promise.withResolvers<void>()
  const silent = await broker(() => again.resolve())
  const checking = check({ kind: 'mqtt', host, port: silent, fresh }, { clock, timeoutMs: 5_000 })
  await again.promise
  clock.advance(5_000)
  expect(await checking).toEqual(failed('no answer within 5s'))
})

itWith('mosquitto')('an mqtt ping speaks with a real mosquitto', async () => {
  const folder = temporaryFolder()
  const port = await freePort()
  const config = join(folder, 'mosquitto.conf')
  writeFileSync(config, `listener ${port} 127.0.0.1\nallow_anonymous true\nsys_interval 1\n`)
  const mosquitto = spawn('mosquitto', ['-c', config], { stdio: 'ignore', env: withSbin() })
  onTestFinished(async () => {
    mosquitto.kill('SIGKILL')
    await once(mosquitto, 'exit')
  })
  await answering(port)
  expect(await check({ kind: 'mqtt', host, port })).toEqual(good)
  const sys = { filter: '$SYS/broker/uptime', withinMs: 30_000 }
  expect(await check({ kind: 'mqtt', host, port, fresh: sys })).toEqual(good)
})

const withSbin = (): NodeJS.ProcessEnv => ({ ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` })

async function freePort(): Promise<number> {
  const server = createServer().listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function answering(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, host)
    const isThere = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (isThere) return
  }
}
