// Measures what a hostile or broken client can do to the other clients of a hub.
//
//   node bench/attacks.ts [--priority] [ATTACK…]
//
// Runs one attack after the other against one hub with two clients that behave. The first gets its own
// messages back every few milliseconds; the second publishes recorded messages at QoS 1. Prints for each
// attack the longest wait of the first for a message and of the second for an acknowledgement, the most
// memory that the hub took, and what it still held afterwards. Exits with 1 when a figure is beyond its
// bound. `--priority` gives the bench priority over all other processes of the machine.

import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { WebSocket } from 'ws'
import { encodePacket, type Packet } from '../src/mqtt/packet.ts'
import { allowSockets, sample, takePriority } from './machine.ts'
import { findFreePort, startBroker } from './brokers/broker.ts'

const MIB = 2 ** 20
const MOST_WAIT_MS = 500
/** A recorded message is on the disk before its acknowledgement leaves. */
const MOST_ACK_WAIT_MS = 1_000
const MOST_GROWTH_MIB = 600
/** The network thread and the journal thread both hold the subscriptions of a kept session. */
const MOST_GROWTH_KEPT_MIB = 1_300
const MILLION_KEPT = 'a million subscriptions of 100 kept sessions, ended at once'
const PROBE_EVERY_MS = 5
const RECORD_EVERY_MS = 20
const ACK_BYTES = 4

interface Ports {
  readonly mqtt: number
  readonly http: number
}
type Attack = (ports: Ports) => Promise<void>

const connectAs = (clientId: string, more: object = {}): Buffer =>
  encodePacket({ type: 'connect', version: 5, clientId, clean: true, keepAlive: 0, ...more } as Packet, 5)
const publish = (
  topic: string,
  payload: Buffer,
  qos: 0 | 1 | 2,
  packetId: number,
  more: object = {},
): Buffer =>
  encodePacket({ type: 'publish', topic, payload, qos, packetId, retain: false, dup: false, ...more }, 5)
const subscribe = (filters: readonly string[], qos: 0 | 1 | 2 = 0): Buffer =>
  encodePacket(
    {
      type: 'subscribe',
      packetId: 1,
      subscriptions: filters.map((filter) => ({
        filter,
        qos,
        noLocal: false,
        retainAsPublished: false,
        retainHandling: 0,
      })),
    },
    5,
  )

/** A packet whose body repeats what `piece` returns, up to about so many bytes. */
function bulk(firstByte: number, head: Buffer, piece: Buffer, bytes: number): Buffer {
  const count = Math.floor((bytes - head.length) / piece.length)
  const length = head.length + count * piece.length
  return Buffer.concat([header(firstByte, length), head, ...Array<Buffer>(count).fill(piece)])
}

function header(firstByte: number, length: number): Buffer {
  const bytes = [firstByte]
  for (let left = length; ; left >>= 7) {
    bytes.push(left > 127 ? (left & 127) | 128 : left)
    if (left <= 127) return Buffer.from(bytes)
  }
}

async function open(port: number, clientId?: string, more?: object): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  await new Promise<void>((resolve) => {
    socket.once('connect', () => resolve())
    socket.once('close', () => resolve())
  })
  if (clientId !== undefined) {
    socket.write(connectAs(clientId, more))
    await new Promise<void>((resolve) => {
      socket.once('data', () => resolve())
      socket.once('close', () => resolve())
    })
  }
  return socket
}

/** Writes the same bytes for a while, as fast as the socket takes them, and reads nothing. */
async function pour(socket: Socket, bytes: Buffer, ms: number): Promise<void> {
  socket.pause()
  const until = performance.now() + ms
  while (performance.now() < until && !socket.destroyed) {
    if (!socket.write(bytes)) {
      await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), pause(200)])
      if (socket.writableLength > 8 * MIB) await pause(50)
    }
  }
  socket.destroy()
}

const repeated = (packet: Buffer, bytes = 65_536): Buffer =>
  Buffer.concat(Array<Buffer>(Math.ceil(bytes / packet.length)).fill(packet))

const ATTACKS: Readonly<Record<string, Attack>> = {
  'nothing at all': () => pause(2_000),
  '3,000 connections that say nothing': async ({ mqtt }) => {
    const sockets = await Promise.all(Array.from({ length: 3_000 }, () => open(mqtt)))
    await pause(1_000)
    for (const socket of sockets) socket.destroy()
  },
  '100 CONNECTs of 16 MiB that never end': async ({ mqtt }) => {
    const sockets = await Promise.all(Array.from({ length: 100 }, () => open(mqtt)))
    const start = Buffer.concat([header(0x10, 15 * MIB), connectAs('big').subarray(2, 12)])
    const piece = Buffer.alloc(MIB)
    for (const socket of sockets) socket.write(start)
    for (let round = 0; round < 10; round++) {
      for (const socket of sockets) if (socket.writableLength < 2 * MIB) socket.write(piece)
      await pause(100)
    }
    for (const socket of sockets) socket.destroy()
  },
  'a CONNECT with three million user properties': async ({ mqtt }) => {
    const socket = await open(mqtt)
    const properties = Buffer.alloc(15 * MIB)
    for (let at = 0; at + 5 <= properties.length; at += 5) properties[at] = 0x26
    const length = properties.length - (properties.length % 5)
    const body = Buffer.concat([
      Buffer.from([0, 4, 77, 81, 84, 84, 5, 2, 0, 0]),
      header(0, length).subarray(1),
      properties.subarray(0, length),
      Buffer.from([0, 1, 120]),
    ])
    socket.write(Buffer.concat([header(0x10, body.length), body]))
    await pause(3_000)
    socket.destroy()
  },
  'QoS 1 published, nothing read': async ({ mqtt }) =>
    pour(await open(mqtt, 'deaf'), repeated(publish('bench/x', Buffer.alloc(0), 1, 7)), 5_000),
  'QoS 2 begun with every packet id, never ended': async ({ mqtt }) => {
    const packets = Array.from({ length: 65_535 }, (_, index) =>
      publish('bench/x', Buffer.alloc(0), 2, index + 1),
    )
    const socket = await open(mqtt, 'halfway')
    socket.write(Buffer.concat(packets))
    await pause(2_000)
    socket.destroy()
  },
  'PINGREQ without end, nothing read': async ({ mqtt }) =>
    pour(await open(mqtt, 'deaf'), repeated(Buffer.from([0xc0, 0])), 5_000),
  'SUBSCRIBE without end, nothing read': async ({ mqtt }) =>
    pour(await open(mqtt, 'deaf'), repeated(subscribe(['a'], 1)), 5_000),
  'four million filters in one SUBSCRIBE': async ({ mqtt }) => {
    const socket = await open(mqtt, 'greedy')
    socket.write(bulk(0x82, Buffer.from([0, 1, 0]), Buffer.from([0, 1, 97, 0]), 15.9 * MIB))
    await pause(4_000)
    socket.destroy()
  },
  'five million filters in one UNSUBSCRIBE': async ({ mqtt }) => {
    const socket = await open(mqtt, 'greedy')
    socket.write(bulk(0xa2, Buffer.from([0, 1, 0]), Buffer.from([0, 1, 97]), 15.9 * MIB))
    await pause(4_000)
    socket.destroy()
  },
  'a PUBLISH with three million user properties': async ({ mqtt }) => {
    const socket = await open(mqtt, 'wordy')
    const count = 3_000_000
    const head = Buffer.concat([
      Buffer.from([0, 7]),
      Buffer.from('bench/x'),
      header(0, count * 5).subarray(1),
    ])
    socket.write(bulk(0x30, head, Buffer.from([0x26, 0, 0, 0, 0]), head.length + count * 5))
    await pause(3_000)
    socket.destroy()
  },
  'a million subscriptions of 100 clients at once, gone at once': async ({ mqtt }) => {
    const sockets = await Promise.all(
      Array.from({ length: 100 }, (_, client) => open(mqtt, `many-${client}`)),
    )
    for (const [client, socket] of sockets.entries())
      socket.write(subscribe(Array.from({ length: 10_000 }, (_, index) => `bomb/${client}/${index}/+/x`)))
    await Promise.all(sockets.map((socket) => once(socket, 'data')))
    for (const socket of sockets) socket.destroy()
    await pause(5_000)
  },
  [MILLION_KEPT]: async ({ mqtt }) => {
    const kept = { properties: { sessionExpiryInterval: 1 } }
    const sockets = await Promise.all(
      Array.from({ length: 100 }, (_, client) => open(mqtt, `kept-${client}`, kept)),
    )
    for (const [client, socket] of sockets.entries())
      socket.write(
        subscribe(
          Array.from({ length: 10_000 }, (_, index) => `kept/${client}/${index}/+/x`),
          1,
        ),
      )
    await Promise.all(sockets.map((socket) => once(socket, 'data')))
    for (const socket of sockets) socket.destroy()
    await pause(8_000)
  },
  '10,000 deep filters that all match': async ({ mqtt }) => {
    const socket = await open(mqtt, 'deep')
    socket.resume()
    const filters = Array.from({ length: 10_000 }, (_, index) =>
      Array.from({ length: 100 }, (__, level) => (level < 14 && (index >> level) & 1 ? '+' : 'a')).join('/'),
    )
    for (let first = 0; first < filters.length; first += 2_000)
      socket.write(subscribe(filters.slice(first, first + 2_000)))
    await pause(2_000)
    const topicOf = (round: number): string => [...Array<string>(99).fill('a'), round].join('/')
    for (let round = 0; round < 500; round++) socket.write(publish(topicOf(round), Buffer.alloc(1), 0, 0))
    await pause(8_000)
    socket.destroy()
  },
  '10,000 filters over 100,000 retained messages': async ({ mqtt }) => {
    const keeper = await open(mqtt, 'keeper')
    keeper.resume()
    for (let index = 0; index < 100_000; index++) {
      keeper.write(publish(`bench/r/${index % 300}/${index}/v`, Buffer.from('1'), 0, 0, { retain: true }))
      if (index % 5_000 === 0) await pause(20)
    }
    await pause(1_500)
    const socket = await open(mqtt, 'curious')
    socket.write(subscribe(Array.from({ length: 10_000 }, (_, index) => `bench/+/+/+/none${index}`)))
    await pause(6_000)
    socket.destroy()
    keeper.destroy()
  },
  'small retained messages with 1 MiB of properties': async ({ mqtt }) => {
    const socket = await open(mqtt, 'heavy')
    socket.resume()
    const userProperties = Array.from({ length: 16 }, (_, index) => [`k${index}`, 'v'.repeat(65_000)])
    for (let index = 0; index < 600; index++) {
      socket.write(
        publish(`bench/heavy/${index}`, Buffer.from('1'), 0, 0, {
          retain: true,
          properties: { userProperties },
        }),
      )
      if (index % 8 === 0) await pause(20)
    }
    await pause(1_000)
    for (let index = 0; index < 600; index++)
      socket.write(publish(`bench/heavy/${index}`, Buffer.alloc(0), 0, 0, { retain: true }))
    await pause(500)
    socket.destroy()
  },
  'a kept session that never acknowledges 256 KiB messages': async ({ mqtt }) => {
    const reader = await open(mqtt, 'never-acks', { properties: { sessionExpiryInterval: 60 } })
    reader.resume()
    reader.write(subscribe(['bench/never'], 1))
    const writer = await open(mqtt, 'writer')
    writer.resume()
    await pause(200)
    const payload = Buffer.alloc(256 * 1024)
    for (let index = 0; index < 6_000; index++) {
      writer.write(publish('bench/never', payload, 1, (index % 60_000) + 1))
      if (writer.writableLength > 8 * MIB) await pause(20)
    }
    await pause(1_000)
    reader.write(
      encodePacket({ type: 'disconnect', reasonCode: 0, properties: { sessionExpiryInterval: 0 } }, 5),
    )
    await pause(200)
    reader.destroy()
    writer.destroy()
  },
  'a packet of 8 MiB, 64 bytes at a time': async ({ mqtt }) => {
    const socket = await open(mqtt, 'slow')
    socket.setNoDelay(true)
    socket.write(header(0x30, 8 * MIB))
    const until = performance.now() + 4_000
    while (performance.now() < until) {
      for (let count = 0; count < 100; count++) socket.write(Buffer.alloc(64))
      await pause(1)
    }
    socket.destroy()
  },
  'random bytes of 50 clients that come again at once': async ({ mqtt }) => {
    const until = performance.now() + 4_000
    await Promise.all(
      Array.from({ length: 50 }, async (_, number) => {
        while (performance.now() < until) {
          const socket = await open(mqtt)
          socket.write(Buffer.from(Array.from({ length: 64 }, (__, at) => (at * 37 + number * 11) & 255)))
          socket.resume()
          await new Promise((resolve) => socket.once('close', resolve))
        }
      }),
    )
  },
  '5,000 kept sessions that never come back': async ({ mqtt }) => {
    for (let index = 0; index < 5_000; index += 50) {
      const sockets = await Promise.all(
        Array.from({ length: 50 }, (_, at) =>
          open(mqtt, `gone-${index + at}`, { properties: { sessionExpiryInterval: 5 } }),
        ),
      )
      for (const socket of sockets) socket.destroy()
    }
  },
  'WebSocket: a frame for each byte': async ({ http }) => {
    const socket = new WebSocket(`ws://127.0.0.1:${http}/mqtt`, 'mqtt', { perMessageDeflate: false })
    socket.on('error', () => {})
    await new Promise((resolve) => socket.once('open', resolve))
    const until = performance.now() + 4_000
    for (const byte of connectAs('ws-bytes')) socket.send(Buffer.from([byte]))
    while (performance.now() < until) {
      for (let count = 0; count < 200; count++) for (const byte of [0xc0, 0]) socket.send(Buffer.from([byte]))
      await pause(1)
    }
    socket.terminate()
  },
  'WebSocket: pings without end, nothing read': async ({ http }) => {
    const socket = connect(http, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(
      'GET /mqtt HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n',
    )
    await new Promise((resolve) => socket.once('data', resolve))
    const ping = Buffer.concat([Buffer.from([0x89, 0x80 | 100, 0, 0, 0, 0]), Buffer.alloc(100)])
    await pour(socket, repeated(ping), 5_000)
  },
  'WebSocket: one frame of 64 MiB': async ({ http }) => {
    const socket = new WebSocket(`ws://127.0.0.1:${http}/mqtt`, 'mqtt', { perMessageDeflate: false })
    socket.on('error', () => {})
    await new Promise((resolve) => socket.once('open', resolve))
    socket.send(Buffer.alloc(64 * MIB))
    await pause(2_000)
    socket.terminate()
  },
  'HTTP: 500 requests that never end': async ({ http }) => {
    const sockets = await Promise.all(Array.from({ length: 500 }, () => open(http)))
    for (const socket of sockets) socket.write('GET /api/status HTTP/1.1\r\nHost: x\r\nX: ')
    await pause(2_000)
    for (const socket of sockets) socket.destroy()
  },
}

if (isMainThread) await main()
else await probe(workerData as number)

async function main(): Promise<void> {
  const { values: flags, positionals: asked } = parseArgs({
    allowPositionals: true,
    options: { priority: { type: 'boolean', default: false } },
  })
  if (flags.priority) takePriority()
  allowSockets(20_000)
  const folder = await mkdtemp(join(tmpdir(), 'vigie-attacks-'))
  const mqtt = await findFreePort()
  const http = await findFreePort()
  const config = join(folder, 'vigie.config.ts')
  await writeFile(config, "export default { history: { exclude: ['bench/#'] }, log: { level: 'warn' } }\n")
  const rules = join(import.meta.dirname, 'brokers/rules')
  const bin = join(import.meta.dirname, '../src/bin.js')
  const args = ['--config', config, '--rules', rules, '--data', join(folder, 'data')]
  const ports = ['--mqtt', String(mqtt), '--http', String(http)]
  const hub = await startBroker('vigie', mqtt, process.execPath, [bin, 'start', ...args, ...ports])
  const prober = new Worker(new URL(import.meta.url), { workerData: mqtt })
  const ask = (): Promise<Waits> =>
    new Promise((resolve) => {
      prober.once('message', resolve)
      prober.postMessage('worst', [])
    })
  let broken = false
  console.log(
    '| attack | worst wait, ms | for an acknowledgement | memory before, MiB | at most | after |\n| --- | ---: | ---: | ---: | ---: | ---: |',
  )
  try {
    await pause(1_000)
    for (const [name, attack] of Object.entries(ATTACKS)) {
      if (asked.length > 0 && !asked.some((part) => name.includes(part))) continue
      await ask()
      const memory = (): number => sample(hub.pid).residentBytes / MIB
      const before = memory()
      let most = before
      const watch = setInterval(() => (most = Math.max(most, memory())), 50)
      await attack({ mqtt, http })
      await pause(1_500)
      clearInterval(watch)
      const { message, ack } = await ask()
      const mostGrowth = name === MILLION_KEPT ? MOST_GROWTH_KEPT_MIB : MOST_GROWTH_MIB
      broken ||= message > MOST_WAIT_MS || ack > MOST_ACK_WAIT_MS || most - before > mostGrowth
      const numbers = [message, ack, before, most, memory()].map((number) => number.toFixed(0))
      console.log(`| ${name} | ${numbers.join(' | ')} |`)
    }
  } finally {
    await prober.terminate()
    await hub.stop()
    await rm(folder, { recursive: true, force: true })
  }
  if (broken) process.exitCode = 1
}

interface Waits {
  readonly message: number
  readonly ack: number
}

/** The clients that behave. Each message to this worker is answered with their longest waits since the last. */
async function probe(port: number): Promise<void> {
  const listener = await open(port, 'good')
  listener.write(subscribe(['bench/probe']))
  await once(listener, 'data')
  const message = publish('bench/probe', Buffer.from('x'), 0, 0)
  const messages = stopwatch(listener, PROBE_EVERY_MS, message, message.length)

  const writer = await open(port, 'durable')
  const acks = stopwatch(
    writer,
    RECORD_EVERY_MS,
    publish('recorded/probe', Buffer.from('x'), 1, 1),
    ACK_BYTES,
  )

  parentPort!.on('message', () => {
    parentPort!.postMessage({ message: messages(), ack: acks() } satisfies Waits, [])
  })
}

/**
 * Sends a packet again and again; each brings so many bytes back, in order. Returns a function that gives
 * the longest wait since its last call.
 */
function stopwatch(socket: Socket, everyMs: number, packet: Buffer, answerBytes: number): () => number {
  const sentAt: number[] = []
  let worst = 0
  let unread = 0
  socket.on('data', (chunk) => {
    unread += chunk.length
    for (; unread >= answerBytes; unread -= answerBytes) {
      worst = Math.max(worst, performance.now() - sentAt.shift()!)
    }
  })
  setInterval(() => {
    sentAt.push(performance.now())
    socket.write(packet)
  }, everyMs)
  return () => {
    const longest = Math.max(worst, sentAt.length > 0 ? performance.now() - sentAt[0]! : 0)
    worst = 0
    return longest
  }
}
