// Measures bridges beside Mosquitto's own: messages a second at QoS 1 from a near broker to a far one, a
// backlog that gathered while they were cut off, and `attach` with one to three hubs at one broker. The far
// side is a Mosquitto that keeps nothing. Each message is checked for loss, repetition and order.
//
//   node bench/bridges.ts [messages of the backlog, by default 100,000]

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { connectAsync, type MqttClient } from 'mqtt'
import { findFreePort, type RunningBroker, startBroker } from './brokers/broker.ts'
import { startVigie } from './brokers/vigie.ts'
import { sample } from './machine.ts'

const BACKLOG = Number(process.argv[2] ?? 100_000)
const STREAM = Math.min(BACKLOG, 20_000)
const AT_ONCE = 1_000
const PAYLOAD_BYTES = 64
/** A message that is missing so long is lost. */
const PATIENCE_MS = 120_000

process.env.PATH += ':/usr/sbin'

const row = (...cells: readonly string[]): void =>
  console.log(cells.map((cell, index) => cell.padEnd(index === 0 ? 48 : 16)).join(''))

async function startMosquitto(lines: readonly string[] = []): Promise<RunningBroker> {
  const folder = await mkdtemp(join(tmpdir(), 'vigie-bench-mosquitto-'))
  const port = await findFreePort()
  const file = join(folder, 'mosquitto.conf')
  const own = ['allow_anonymous true', 'max_inflight_messages 1000', 'max_queued_messages 0', 'log_type none']
  await writeFile(file, [...own, `listener ${port} 127.0.0.1`, ...lines, ''].join('\n'))
  try {
    return await startBroker('mosquitto', port, 'mosquitto', ['-c', file])
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** A way to a port that can be cut. */
async function cable(to: number) {
  const sockets = new Set<Socket>()
  let isCut = false
  const port = await findFreePort()
  const server = createServer((socket) => {
    if (isCut) return socket.destroy()
    const other = connect(to, '127.0.0.1')
    for (const [one, next] of [
      [socket, other],
      [other, socket],
    ] as const) {
      sockets.add(one)
      one.setNoDelay(true).on('error', () => {})
      one.on('close', () => next.destroy())
      one.pipe(next)
    }
    return socket
  }).listen(port, '127.0.0.1')
  return {
    port,
    cut(): void {
      isCut = true
      for (const socket of sockets) socket.destroy()
      sockets.clear()
    },
    mend: () => void (isCut = false),
    stop(): void {
      this.cut()
      server.close()
    },
  }
}

interface Near {
  readonly name: string
  start(farPort: number): Promise<RunningBroker>
}

const NEARS: readonly Near[] = [
  {
    name: 'vigie',
    start: (port) =>
      startVigie({
        config: `export default { bridges: { far: {
          url: 'mqtt://127.0.0.1:${port}', reconnect: { first: '100ms', longest: '100ms' },
          topics: [{ filter: 'bench/#' }] } } }\n`,
      }),
  },
  {
    name: 'mosquitto',
    start: (port) =>
      startMosquitto([
        'connection far',
        `address 127.0.0.1:${port}`,
        'topic bench/# out 1',
        'restart_timeout 1 1',
        'notifications false',
      ]),
  },
]

const client = (port: number): Promise<MqttClient> =>
  connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 4, keepalive: 0 })

/** Numbers that come on a topic, each expected once and in order. */
async function listen(port: number) {
  const mqtt = await client(port)
  let count = 0
  let next = 0
  let disorder = 0
  let heard = (): void => {}
  mqtt.on('message', (_topic, payload) => {
    const number = Number.parseInt(payload.toString('latin1', 0, 10), 10)
    if (number !== next) disorder++
    next = number + 1
    count++
    heard()
  })
  await mqtt.subscribeAsync('bench/#', { qos: 0 })
  return {
    mqtt,
    get faults(): number {
      return disorder
    },
    count: (wanted: number) =>
      new Promise<void>((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`${count} of ${wanted} have come`)), PATIENCE_MS)
        heard = () => {
          if (count < wanted) return
          clearTimeout(late)
          resolve()
        }
        heard()
      }),
  }
}

const PADDING = ' '.repeat(PAYLOAD_BYTES - 10)
async function publish(mqtt: MqttClient, topic: string, from: number, count: number): Promise<void> {
  for (let begun = from; begun < from + count; begun += AT_ONCE)
    await Promise.all(
      Array.from({ length: Math.min(AT_ONCE, from + count - begun) }, (_, index) =>
        mqtt.publishAsync(topic, String(begun + index).padEnd(10) + PADDING, { qos: 1 }),
      ),
    )
}

interface Figures {
  readonly perSecond: number
  /** Microseconds of the processor. */
  readonly cpuEach: number
}

async function timed(
  brokers: readonly RunningBroker[],
  count: number,
  act: () => Promise<void>,
): Promise<Figures> {
  const cpuMs = (): number => brokers.reduce((sum, { pid }) => sum + sample(pid).brokerCpuMs, 0)
  const [cpuBefore, before] = [cpuMs(), performance.now()]
  await act()
  const seconds = (performance.now() - before) / 1_000
  return { perSecond: count / seconds, cpuEach: ((cpuMs() - cpuBefore) * 1_000) / count }
}

const said = ({ perSecond, cpuEach }: Figures): readonly string[] => [
  `${(perSecond / 1_000).toFixed(1)} k/s`,
  `${cpuEach.toFixed(0)} µs`,
]

async function bridged(kind: Near): Promise<void> {
  const far = await startMosquitto()
  const way = await cable(far.port)
  const near = await kind.start(way.port)
  const there = await listen(far.port)
  const here = await client(near.port)
  try {
    await delay(2_000)
    const stream = await timed([near], STREAM, async () => {
      await publish(here, 'bench/x', 0, STREAM)
      await there.count(STREAM)
    })
    row(`${kind.name}: ${STREAM} as they come`, ...said(stream))
    // The last acknowledgements come back: what is under way in a cut may come twice at QoS 1.
    await delay(1_000)
    way.cut()
    await delay(500)
    await publish(here, 'bench/x', STREAM, BACKLOG)
    await delay(1_000)
    way.mend()
    await there.count(STREAM + 1)
    const backlog = await timed([near], BACKLOG, () => there.count(STREAM + BACKLOG))
    row(`${kind.name}: ${BACKLOG} after a cut`, ...said(backlog))
    await delay(500)
    await there.count(STREAM + BACKLOG)
    if (there.faults > 0) row(`  ${there.faults} out of order, lost or repeated`)
  } catch (error) {
    row(`${kind.name}: ${(error as Error).message}`)
  } finally {
    await Promise.all([here.endAsync(true), there.mqtt.endAsync(true)])
    way.stop()
    await Promise.all([near.stop(), far.stop()])
  }
}

async function attached(count: number): Promise<void> {
  const far = await startMosquitto()
  const https = await Promise.all(Array.from({ length: count }, () => findFreePort()))
  const hubs = await Promise.all(
    https.map((http) =>
      startVigie({
        http,
        config: `export default { attach: {
          url: 'mqtt://127.0.0.1:${far.port}', group: 'hubs', filters: ['bench/#'] } }\n`,
      }),
    ),
  )
  const publisher = await client(far.port)
  const received = async (): Promise<number> => {
    const counts = await Promise.all(
      https.map(async (http) => {
        const answer = await fetch(`http://127.0.0.1:${http}/api/status`)
        const { bridges } = (await answer.json()) as { bridges: readonly { received: number }[] }
        return bridges[0]?.received ?? 0
      }),
    )
    return counts.reduce((sum, each) => sum + each, 0)
  }
  try {
    await delay(2_000)
    const figures = await timed(hubs, STREAM, async () => {
      await publish(publisher, 'bench/x', 0, STREAM)
      while ((await received()) < STREAM) await delay(20)
    })
    row(`attach: ${count} hub${count === 1 ? '' : 's'}`, ...said(figures))
  } finally {
    await publisher.endAsync(true)
    await Promise.all([...hubs, far].map((each) => each.stop()))
  }
}

row('', 'messages', 'CPU a message')
for (const near of NEARS) await bridged(near)
for (const count of [1, 2, 3]) await attached(count)
process.exit()
