// How many actions a hub gets done when there is always one to do: commands, and HTTP requests. Every run is
// committed with fsync, as are its steps and its end. Beside it the limit: the same by Node alone.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { connectAsync } from 'mqtt'
import type { RunningBroker, RunsResult } from './brokers/broker.ts'
import { startVigie } from './brokers/vigie.ts'
import { BROKER_CORE, pinned } from './machine.ts'

/** What the rules of brokers/run-rules do. */
export type Action = 'shell' | 'webhook'

/** Two rules answer to each message with a command. */
const COMMANDS_PER_MESSAGE = 2
const AT_ONCE = 16
/** Messages before the measurement: Node compiles what it runs often. */
const WARM_UP: Readonly<Record<Action, number>> = { shell: 100, webhook: 1_000 }
const LONE_COMMANDS = 400
const LONE_REQUESTS = 4_000

/** Starts a hub whose rules act on each message, and warms it up. */
export async function startActingHub(action: Action, warmUp = WARM_UP[action]): Promise<RunningBroker> {
  const sink = new Sink()
  const hub = await startVigie({
    rules: `run-rules/${action}`,
    env: { VIGIE_BENCH_SINK: await sink.open() },
    cores: action === 'shell' ? 'all' : 'one',
  })
  const acting = {
    ...hub,
    measureRuns: (messages: number) => measureRuns(hub.port, action, messages, sink),
    stop: async () => {
      sink.close()
      await hub.stop()
    },
  }
  try {
    await acting.measureRuns(warmUp)
    return acting
  } catch (error) {
    await acting.stop()
    throw error
  }
}

async function measureRuns(port: number, action: Action, messages: number, sink: Sink): Promise<RunsResult> {
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`)
  try {
    const actions = action === 'shell' ? messages * COMMANDS_PER_MESSAGE : messages
    const counted = new Countdown(actions)
    if (action === 'webhook') sink.onRequest = () => counted.next()
    else {
      client.on('message', () => counted.next())
      await client.subscribeAsync('vigie/runs/#')
    }
    const cpuBefore = process.cpuUsage()
    const begunAt = performance.now()
    for (let n = 0; n < messages; n++)
      client.publish(`run/${n % 100}`, JSON.stringify({ temperature: n }), { qos: 1 })
    await counted.done
    const seconds = (performance.now() - begunAt) / 1_000
    const { user, system } = process.cpuUsage(cpuBefore)
    return { seconds, actions, cpu: (user + system) / 1e6 / seconds }
  } finally {
    await client.endAsync(true)
  }
}

/** Commands a second that Node starts and ends by itself, on all cores, with the pipes that a step has. */
export async function loneCommands(): Promise<number> {
  const one = async (): Promise<void> => {
    const child = spawn('/usr/bin/true', { stdio: 'pipe', detached: true })
    child.stdin.on('error', () => {}).end('{"temperature":1}')
    child.stdout.resume()
    child.stderr.resume()
    await once(child, 'close')
  }
  let left = LONE_COMMANDS
  const begunAt = performance.now()
  const several = async (): Promise<void> => {
    while (left-- > 0) await one()
  }
  await Promise.all(Array.from({ length: AT_ONCE }, several))
  return LONE_COMMANDS / ((performance.now() - begunAt) / 1_000)
}

/** Requests a second for which the CPU time of Node's HTTP client alone leaves room on one core. */
export async function loneRequests(): Promise<number> {
  const program = join(import.meta.dirname, 'http-request.ts')
  const { stdout } = await promisify(execFile)(
    ...pinned(BROKER_CORE, process.execPath, [program, String(LONE_REQUESTS)]),
  )
  return 1e6 / Number(/([\d.]+) µs[^\n]*\n$/.exec(stdout)![1])
}

/** Resolves when it has been called so often. */
class Countdown {
  readonly done: Promise<void>
  #left: number
  #resolve = (): void => {}

  constructor(count: number) {
    this.#left = count
    this.done = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  next(): void {
    if (--this.#left === 0) this.#resolve()
  }
}

/** An HTTP server that takes everything. */
class Sink {
  onRequest = (): void => {}
  readonly #server = createServer((request, response) => {
    request.resume().once('end', () => {
      response.end()
      this.onRequest()
    })
  })

  async open(): Promise<string> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening')
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}
