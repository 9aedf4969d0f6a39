// A broker under measurement: a child process of its own, pinned to the broker's core, on a free port of
// 127.0.0.1.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { BROKER_CORE, pinned } from '../machine.ts'

const START_LIMIT_MS = 60_000
const STOP_LIMIT_MS = 5_000

export type Broker = {
  readonly name: string
  start(): Promise<RunningBroker>
}

type Percentiles = { readonly p50: number; readonly p99: number }

export type AlertResult = {
  /** The share of a core that this process took. */
  readonly cpu: number
  /** In milliseconds, from the moment at which the hub could have known. */
  readonly hub: Percentiles
  /** In milliseconds, from the loss itself: what the rule waits for is in it. */
  readonly whole: Percentiles
}

export type RunsResult = {
  readonly seconds: number
  /** What came of the messages: commands that were run, requests that arrived. */
  readonly actions: number
  /** The share of a core that this process took. */
  readonly cpu: number
}

export type RunningBroker = {
  readonly pid: number
  readonly port: number
  stop(): Promise<void>
  /** Only of a hub that was started to tell alerts. */
  measureAlerts?(tries: number): Promise<AlertResult>
  /** Only of a hub that was started to act: sends it messages, and resolves when it has acted on all. */
  measureRuns?(messages: number): Promise<RunsResult>
}

/**
 * Starts a broker's program and returns when its port takes connections. `hear` gets what it writes to
 * its standard output.
 */
export async function startBroker(
  name: string,
  port: number,
  command: string,
  args: readonly string[],
  hear?: (text: string) => void,
  /** `all`: the broker may use every core of the machine. */
  cores: 'one' | 'all' = 'one',
): Promise<RunningBroker> {
  const line: [string, string[]] = cores === 'one' ? pinned(BROKER_CORE, command, args) : [command, [...args]]
  const child = spawn(...line, { stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.setEncoding('utf8').on('data', (text: string) => hear?.(text))
  let complaint = ''
  child.stderr
    .setEncoding('utf8')
    .on('data', (chunk: string) => (complaint = (complaint + chunk).slice(-2000)))
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', (error) => {
      complaint += error.message
      resolve()
    })
  })
  let running = true
  void exited.then(() => (running = false))

  const giveUpAt = performance.now() + START_LIMIT_MS
  while (!(await takesConnections(port))) {
    if (!running || performance.now() > giveUpAt) {
      child.kill('SIGKILL')
      throw new Error(`${name} did not start: ${complaint.trim() || `nothing listens on port ${port}`}.`)
    }
    await delay(20)
  }
  return {
    pid: child.pid!,
    port,
    stop: async () => {
      if (!running) return
      child.kill('SIGTERM')
      const killer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS)
      await exited
      clearTimeout(killer)
    },
  }
}

export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function takesConnections(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
