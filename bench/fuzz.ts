// A soak test: broken clients send what is nearly MQTT, several at once, over TCP and WebSocket, while two
// clients that behave must not notice.
//
//   npm run soak:fuzz [-- minutes, by default 10 [first seed, by default 1 [how many conversations]]]
//
// Conversation N has the seed N. Exits with 1 when an answer is no MQTT, a connection outlives its fault,
// the hub logs an error of its own, or the two clients notice.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { findFreePort, startBroker } from './brokers/broker.ts'
import { startCalm } from './fuzz/calm.ts'
import { converse } from './fuzz/conversations.ts'
import { Random } from './fuzz/random.ts'
import { talk } from './fuzz/talk.ts'
import { sample } from './machine.ts'

const AT_ONCE = 8
const CALM_EVERY_MS = 20
const REPORTS = 10
const MOST_WAIT_MS = 500
/** Growth of memory: the last reports over those after the start. */
const MOST_GROWTH = 1.15

const [minutes = 10, firstSeed = 1, most = Infinity] = process.argv.slice(2).map(Number)
const folder = await mkdtemp(join(tmpdir(), 'vigie-fuzz-'))
const config = join(folder, 'vigie.config.ts')
// Bounds are low, so that they are reached in the first minute and memory is level from then on.
await writeFile(
  config,
  `export default {
    history: { exclude: ['fuzz/#', 'calm/#'], maxSize: '4MiB' },
    limits: { sessions: 40, retainedMessages: 200, retainedSize: '4MiB', queueMessages: 100, queueSize: '1MiB' },
    log: { level: 'error' },
  }\n`,
)
const [mqtt, http] = [await findFreePort(), await findFreePort()]
const rules = join(import.meta.dirname, 'brokers/rules')
const bin = join(import.meta.dirname, '../src/bin.js')
const args = ['--config', config, '--rules', rules, '--data', join(folder, 'data')]
const ports = ['--mqtt', String(mqtt), '--http', String(http)]
let logged = ''
const hub = await startBroker('vigie', mqtt, process.execPath, [bin, 'start', ...args, ...ports], (text) => {
  logged = (logged + text).slice(-5_000)
})
const faults: string[] = []
const memoryMiB: number[] = []
let done = 0
/** How long this program itself stood still: the two clients that behave are a part of it. */
const ownDelay = monitorEventLoopDelay({ resolution: 5 })
const ownWorstMs = (): number => ownDelay.max / 1e6

try {
  const calm = await startCalm(mqtt, CALM_EVERY_MS)
  ownDelay.enable()
  const places = [mqtt, mqtt, `ws://127.0.0.1:${http}/mqtt`]
  const startedAt = performance.now()
  const endsAt = startedAt + minutes * 60_000
  const report = setInterval(
    () => {
      memoryMiB.push(sample(hub.pid).residentBytes / 2 ** 20)
      const minute = ((performance.now() - startedAt) / 60_000).toFixed(1)
      console.log(
        `minute ${minute}: ${done} conversations, ${memoryMiB.at(-1)!.toFixed(0)} MiB, ` +
          `${calm.sent} of the two that behave, the slowest in ${calm.worstMs.toFixed(0)} ms (this program stood still for ${ownWorstMs().toFixed(0)})`,
      )
    },
    (minutes * 60_000) / REPORTS,
  )
  let next = firstSeed
  const work = async (): Promise<void> => {
    while (performance.now() < endsAt && next < firstSeed + most && faults.length < 20) {
      const seed = next++
      const fault = await talk(places[seed % places.length]!, converse(new Random(seed)))
      done++
      if (fault !== undefined) faults.push(`seed ${seed}: ${fault}`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  clearInterval(report)
  faults.push(...(await calm.stop()))
  if (calm.worstMs > MOST_WAIT_MS + ownWorstMs())
    faults.push(`the two that behave waited ${calm.worstMs.toFixed(0)} ms`)
} finally {
  await hub.stop()
  await rm(folder, { recursive: true, force: true })
}
if (logged.trim() !== '') faults.push(`the hub logged: ${logged}`)
const quarter = Math.ceil(memoryMiB.length / 4)
const [early, late] = [mean(memoryMiB.slice(1, 1 + quarter)), mean(memoryMiB.slice(-quarter))]
if (late > early * MOST_GROWTH) faults.push(`memory grew from ${early.toFixed(0)} to ${late.toFixed(0)} MiB`)
console.log(
  [
    `${done} conversations, ${faults.length} faults; memory ${early.toFixed(0)} MiB early, ${late.toFixed(0)} late`,
    ...faults,
  ].join('\n'),
)
if (faults.length > 0) process.exitCode = 1

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
