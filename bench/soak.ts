// A soak test: ten minutes at full load, with clients that come and go. Memory must stay level.
//
//   node bench/soak.ts [MINUTES]
//
// Rounds of batched load at every QoS, in history and out of it, while devices connect, subscribe, leave
// wills and retained messages behind, and break off. After each round the hub has a moment of quiet. Then
// its memory is read, without what it owes: retained messages, and messages for devices that are away.
// Exits with 1 when the hub loses something, or takes a fifth more memory in the last quarter than in the
// second.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { connectAsync } from 'mqtt'
import { findFreePort, startBroker } from './brokers/broker.ts'
import { compilePrograms, type Faults, type LoadOptions } from './load.ts'
import { sample } from './machine.ts'

const ROUND_SECONDS = 8
const QUIET_MS = 2_000
const MOST_GROWTH = 1.2
const DEVICES_AT_ONCE = 20
/**
 * How many different devices there are. Each comes again and again, so that what the hub owes them is
 * bounded.
 */
const DEVICES = 500
const ROUNDS: readonly { readonly title: string; readonly options: LoadOptions }[] = [
  { title: 'fan-in QoS 0', options: { pubs: 10, subs: 1, qos: 0, size: 64, window: 200 } },
  { title: 'pairs QoS 1', options: { pubs: 50, subs: 50, pairs: 1, qos: 1, size: 64, window: 100 } },
  { title: 'fan-out QoS 2', options: { pubs: 1, subs: 100, qos: 2, size: 64, window: 100 } },
  { title: 'into history', options: { pubs: 50, subs: 0, qos: 1, size: 64, window: 100, prefix: 'kept' } },
]

const minutes = Number(process.argv[2] ?? 10)
const folder = await mkdtemp(join(tmpdir(), 'vigie-soak-'))
const config = join(folder, 'vigie.config.ts')
// The history is full after a minute, so that events are deleted at the rate at which they come.
await writeFile(
  config,
  "export default { history: { exclude: ['bench/#', 'device/#'], maxSize: '256MiB' } }\n",
)
const port = await findFreePort()
const bin = join(import.meta.dirname, '../src/bin.js')
const rules = join(import.meta.dirname, 'brokers/rules')
const hubArgs = [
  '--config',
  config,
  '--rules',
  rules,
  '--data',
  join(folder, 'data'),
  '--mqtt',
  String(port),
  '--http',
  '0',
]
const hub = await startBroker('vigie', port, process.execPath, [bin, 'start', ...hubArgs])
const programs = await compilePrograms()
const memoryMiB: number[] = []
let faults = 0

const owed = await watchOwed(port)

console.log('| minute | round | delivered or kept | devices so far | memory, MiB | of it owed |')
console.log('| ---: | --- | ---: | ---: | ---: | ---: |')
try {
  const startedAt = performance.now()
  const devices = keepComing(port)
  for (let round = 0; performance.now() - startedAt < minutes * 60_000; round++) {
    const { title, options } = ROUNDS[round % ROUNDS.length]!
    const result = await programs.run('stream', { port, seconds: ROUND_SECONDS, warmup: 0, ...options })
    faults += countOf(result.faults)
    await pause(QUIET_MS)
    const residentMiB = sample(hub.pid).residentBytes / 2 ** 20
    memoryMiB.push(residentMiB - owed.mib())
    const minute = ((performance.now() - startedAt) / 60_000).toFixed(1)
    const count = Math.max(result.delivered, result.acknowledged)
    console.log(
      `| ${minute} | ${title} | ${count.toLocaleString('en')} | ${devices.seen()} | ${residentMiB.toFixed(0)} | ${owed.mib().toFixed(1)} |`,
    )
  }
  await devices.stop()
  await owed.stop()
} finally {
  await hub.stop()
  await programs.remove()
  await rm(folder, { recursive: true, force: true })
}

const quarter = Math.max(1, Math.floor(memoryMiB.length / 4))
const early = median(memoryMiB.slice(quarter, 2 * quarter))
const late = median(memoryMiB.slice(-quarter))
console.log(
  `\nMemory: ${early.toFixed(0)} MiB in the second quarter, ${late.toFixed(0)} MiB in the last. Faults: ${faults}.`,
)
if (faults > 0 || late > early * MOST_GROWTH) process.exitCode = 1

/** The memory that messages take, as the hub reports it every ten seconds. */
async function watchOwed(brokerPort: number): Promise<{ mib(): number; stop(): Promise<void> }> {
  const client = await connectAsync(`mqtt://127.0.0.1:${brokerPort}`)
  let bytes = 0
  client.on('message', (_, payload) => (bytes = Number(payload)))
  await client.subscribeAsync('$SYS/broker/store/messages/bytes')
  return { mib: () => bytes / 2 ** 20, stop: () => client.endAsync() }
}

/** Devices that live for a moment each. Half of them break off, so that their wills are published. */
function keepComing(brokerPort: number): { seen(): number; stop(): Promise<void> } {
  let seen = 0
  const ending = new AbortController()
  const lives = Array.from({ length: DEVICES_AT_ONCE }, async () => {
    while (!ending.signal.aborted) await liveOnce(brokerPort, seen++)
  })
  return {
    seen: () => seen,
    async stop() {
      ending.abort()
      await Promise.all(lives)
    },
  }
}

async function liveOnce(brokerPort: number, number: number): Promise<void> {
  const clientId = `device-${number % DEVICES}`
  // Every third device has a session that outlives its connection, and gets what has gathered when it is
  // back.
  const keeps = (number % DEVICES) % 3 === 0
  const client = await connectAsync(`mqtt://127.0.0.1:${brokerPort}`, {
    clientId,
    protocolVersion: number % 2 === 0 ? 5 : 4,
    reconnectPeriod: 0,
    clean: !keeps,
    ...(number % 2 === 0 && { properties: { sessionExpiryInterval: keeps ? 600 : 0 } }),
    will: { topic: `device/${clientId}/status`, payload: Buffer.from('gone'), qos: 1, retain: true },
  })
  client.on('error', () => {})
  await client.subscribeAsync(keeps ? `device/${clientId}/#` : ['device/+/status', 'device/+/mail'], {
    qos: 1,
  })
  await client.publishAsync(`device/${clientId}/status`, 'here', { qos: 1, retain: true })
  const mail = 'x'.repeat(1_000)
  for (let one = 0; one < 3; one++)
    await client.publishAsync(`device/device-${(number * 7 + one) % DEVICES}/mail`, mail, { qos: 1 })
  await pause(50 + (number % 10) * 20)
  if (number % 2 === 0) client.stream.destroy()
  await client.endAsync(number % 2 === 0)
}

function countOf(found: Faults): number {
  return Object.values(found).reduce((sum, count) => sum + count, 0)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
