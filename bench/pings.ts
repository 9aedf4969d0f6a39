// Measures what it costs to check a thousand targets every 30 s on one core: CPU share of the hub's engine
// and of the programs that it starts, how late checks begin, and how many moments were left out. All targets
// are on the loopback; the servers run on the other core. A silent target takes each check its whole timeout.
// Where fping is installed, `icmp` measures it; `icmp by name` measures a process for each check.
//
//   node bench/pings.ts [seconds a scenario, by default 65] [scenarios, by default all]

import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { systemClock } from '../src/base/clock.ts'
import { silentLog } from '../src/base/log.ts'
import type { PingSpec, PingTarget } from '../src/model/probe.ts'
import { openSecrets } from '../src/secrets/secrets.ts'
import { phaseOf } from '../src/watch/pings/beat.ts'
import { Pings } from '../src/watch/pings/pings.ts'
import { probe } from '../src/watch/probes/probe.ts'
import { BROKER_CORE, pinned, takePriority } from './machine.ts'

const TARGETS = 1_000
const EVERY_MS = 30_000
const HOST = '127.0.0.1'
const MS_PER_TICK = 10

interface Ports {
  readonly tcp: number
  readonly http: number
  readonly ntp: number
  readonly silentHttp: number
  readonly silentUdp: number
}

const request = (port: number) => ({ url: `http://${HOST}:${port}/`, method: 'GET', headers: {} })

const SCENARIOS: Readonly<Record<string, (ports: Ports, index: number) => PingTarget>> = {
  tcp: ({ tcp }) => ({ kind: 'tcp', host: HOST, port: tcp }),
  http: ({ http }) => ({ kind: 'url', request: request(http), expect: { status: [200] } }),
  udp: ({ ntp }) => ({ kind: 'ntp', host: HOST, port: ntp }),
  'silent http': ({ silentHttp }) => ({ kind: 'url', request: request(silentHttp), expect: {} }),
  'silent udp': ({ silentUdp }) => ({ kind: 'ntp', host: HOST, port: silentUdp }),
  mixed: (ports, index) => Object.values(SCENARIOS)[index % 5]!(ports, index),
  // Each an address of its own, as hosts have.
  icmp: (_ports, index) => ({ kind: 'host', host: `127.1.${index >> 8}.${index & 255}` }),
  'icmp by name': () => ({ kind: 'host', host: 'localhost' }),
  'silent programs': () => ({ kind: 'command', argv: ['sleep', '60'], statuses: [0] }),
}

const [first = '65', ...rest] = process.argv.slice(2)
if (first === '--run') await run(rest[0] ?? '', Number(rest[1]), JSON.parse(rest[2] ?? '') as Ports)
else await runAll(Number(first), rest.length > 0 ? rest : Object.keys(SCENARIOS))

async function runAll(seconds: number, scenarios: readonly string[]): Promise<void> {
  try {
    takePriority()
  } catch {
    console.log('Not run as root: whatever else the machine does counts, too.')
  }
  const ports = await serve()
  console.log(`${TARGETS} targets every ${EVERY_MS / 1_000} s, ${seconds} s each, on one core:`)
  for (const scenario of scenarios) {
    const args = [import.meta.filename, '--run', scenario, String(seconds), JSON.stringify(ports)]
    const [command, all] = pinned(BROKER_CORE, process.execPath, args)
    await once(spawn(command, all, { stdio: 'inherit' }), 'exit')
  }
  process.exit()
}

async function run(scenario: string, seconds: number, ports: Ports): Promise<void> {
  const begun: number[][] = Array.from({ length: TARGETS }, () => [])
  const pings = Array.from({ length: TARGETS }, (_, index): PingSpec => ({
    name: String(index),
    target: SCENARIOS[scenario]!(ports, index),
    everyMs: EVERY_MS,
    jitterMs: 0,
    timeoutMs: 5_000,
    fails: 3,
    recovers: 2,
    flapping: null,
    dependsOn: [],
    isReference: false,
  }))
  const watch = new Pings(pings, {
    root: 'vigie',
    clock: systemClock,
    log: silentLog,
    secrets: openSecrets({}, null),
    within: (_ping, code) => code(),
    isLeftAlone: () => false,
    last: () => undefined,
    publish: () => Promise.resolve(0),
    check: (ping, context) => {
      begun[Number(ping.name)]!.push(systemClock.steady())
      return probe(ping, context)
    },
  })
  const [before, startedAt] = [cpuTime(), systemClock.steady()]
  watch.start()
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000))
  const [after, tookMs] = [cpuTime(), systemClock.steady() - startedAt]
  const kinds = Map.groupBy(watch.status(), ({ latencyMs, reason }) => (latencyMs === null ? reason : 'good'))
  await watch.stop()
  const late = begun.flatMap((moments, index) =>
    moments.map((at, n) => at - startedAt - phaseOf(index, TARGETS, EVERY_MS) - n * EVERY_MS),
  )
  const share = (ms: number): string => `${((100 * ms) / tookMs).toFixed(1)} %`
  const percentile = (part: number): number =>
    late.toSorted((a, b) => a - b)[Math.floor(part * (late.length - 1))]!
  const figures = [
    `engine ${share(after.own - before.own)}`,
    `programs ${share(after.programs - before.programs)}`,
    `${late.length} checks`,
    `late: median ${percentile(0.5).toFixed(0)} ms, 99 % ${percentile(0.99).toFixed(0)} ms, worst ${percentile(1).toFixed(0)} ms`,
    `memory ${(process.memoryUsage.rss() / 2 ** 20).toFixed(0)} MiB`,
    Array.from(kinds, ([kind, { length }]) => `${length} ${kind || 'not checked'}`).join(', '),
  ]
  console.log(`${scenario.padEnd(15)} ${figures.join('; ')}`)
  process.exit()
}

/** Milliseconds of this process, and of the programs that it has started and that have ended. */
function cpuTime(): { readonly own: number; readonly programs: number } {
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
    .map(Number)
  const [user, system, childUser, childSystem] = fields.slice(11, 15) as [number, number, number, number]
  return { own: (user + system) * MS_PER_TICK, programs: (childUser + childSystem) * MS_PER_TICK }
}

/** The servers, in this process. */
async function serve(): Promise<Ports> {
  const portOf = async (server: ReturnType<typeof createServer>): Promise<number> => {
    server.listen(0, HOST, 1_024)
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
  const udp = async (answer: (query: Buffer) => Buffer | undefined): Promise<number> => {
    const socket = createSocket('udp4').bind(0, HOST)
    socket.on('message', (query, { port, address }) => {
      const said = answer(query)
      if (said) socket.send(said, port, address)
    })
    await once(socket, 'listening')
    return socket.address().port
  }
  return {
    tcp: await portOf(createServer((socket) => socket.on('error', () => {}).resume())),
    http: await portOf(createHttpServer((_request, response) => response.end('ok'))),
    ntp: await udp(timeOf),
    silentHttp: await portOf(createHttpServer(() => {})),
    silentUdp: await udp(() => undefined),
  }
}

/** The answer of a synchronised time server of stratum 2. */
function timeOf(query: Buffer): Buffer {
  const answer = Buffer.alloc(48)
  answer.set([0x24, 2])
  query.copy(answer, 24, 40, 48)
  for (const at of [32, 40]) answer.writeUInt32BE(Math.floor(Date.now() / 1_000) + 2_208_988_800, at)
  return answer
}
