// A real hub and real agents, as processes of their own, on loopback.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { connectAsync } from 'mqtt'
import type { MqttClient } from 'mqtt'
import { jsonIn } from '../../src/model/hub-message.ts'
import { BIN, startHubProcess, temporaryFolder } from '../support/hub.ts'
import type { HubProcess, LogLine } from '../support/hub.ts'
import { whenOver } from '../support/lifetime.ts'

export interface HubPlace {
  /** What `vigie start` is given. */
  readonly args: readonly string[]
  readonly data: string
}

/**
 * @param config the object that the configuration exports, as source
 * @param imports what it imports, as source
 */
export function hubWith(rules: string, config = '{}', users?: object, imports = ''): HubPlace {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'rules'))
  writeFileSync(join(folder, 'rules', 'hosts.ts'), `import * as vigie from 'vigie'\n${rules}`)
  writeFileSync(join(folder, 'vigie.config.ts'), `${imports}\nexport default ${config}`)
  if (users) writeFileSync(join(folder, 'users.json'), JSON.stringify(users), { mode: 0o600 })
  const data = join(folder, 'data')
  const args = ['--config', join(folder, 'vigie.config.ts'), '--rules', join(folder, 'rules'), '--data', data]
  return { args, data }
}

export const startHub = ({ args }: HubPlace, more: readonly string[] = []): Promise<HubProcess> =>
  startHubProcess([...args, ...more])

export interface VigieProcess {
  readonly pid: number
  readonly lines: readonly LogLine[]
  readonly noise: readonly string[]
  /** Resolves with the first line, past or future, that holds this text. */
  says(text: string): Promise<LogLine>
  readonly ended: Promise<number | null>
  end(signal: NodeJS.Signals): Promise<number | null>
}

/** An agent that counts as gone a second after its connection. */
export const startAgent = (args: readonly string[], how: Surroundings = {}): VigieProcess =>
  startVigie('agent', ['--lost-after', '1s', ...args], how)

export interface Surroundings {
  readonly env?: NodeJS.ProcessEnv
  /** Words before the command, such as `ip netns exec far`. */
  readonly within?: readonly string[]
}

export function startVigie(
  command: string,
  args: readonly string[],
  { env = {}, within = [] }: Surroundings = {},
): VigieProcess {
  const [program = '', ...words] = [...within, process.execPath, BIN, command, ...args]
  const child = spawn(program, words, {
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: LogLine[] = []
  const noise: string[] = []
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (text) => {
      if (text.startsWith('{')) lines.push(JSON.parse(text) as LogLine)
      else noise.push(text)
    })
  const ended = once(child, 'close').then(([code]) => code as number | null)
  whenOver(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return {
    pid: child.pid ?? 0,
    lines,
    noise,
    ended,
    says: (text) => until(() => lines.find(({ msg }) => msg.includes(text))),
    end: (signal) => {
      child.kill(signal)
      return ended
    },
  }
}

/** Resolves with the first answer that is one; asks again and again until then. */
export async function until<T>(
  ask: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    await pause(50)
  }
}

/** A client of the hub that writes down what it hears, by topic. */
export async function listener(port: number, filter: string) {
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 5 })
  whenOver(() => client.endAsync(true))
  const heard: { readonly topic: string; readonly payload: never }[] = []
  client.on('message', (topic, payload) => {
    heard.push({ topic, payload: jsonIn(payload) as never })
  })
  await client.subscribeAsync(filter, { qos: 1 })
  return { client, heard }
}

export async function clientOf(port: number, options: object = {}): Promise<MqttClient> {
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 5, ...options })
  whenOver(() => client.endAsync(true))
  return client
}

export const api = async <T>({ http }: HubProcess, path: string): Promise<T> =>
  (await (await fetch(`http://127.0.0.1:${http}${path}`)).json()) as T

/** A TCP port that is open or closed. */
export async function door() {
  const open = async (port: number): Promise<Server> => {
    const server = createServer((socket) => socket.destroy())
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return server
  }
  let server: Server | undefined = await open(0)
  const { port } = server.address() as AddressInfo
  const close = async (): Promise<void> => {
    if (server) await new Promise<void>((resolve) => void server!.close(() => resolve()))
    server = undefined
  }
  whenOver(close)
  return {
    port,
    close,
    open: async () => {
      server = await open(port)
    },
  }
}

/** A process that burns nothing but time, with a word in its command line that no other has. */
export function runaway(word: string) {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)', word], { stdio: 'ignore' })
  const ended = once(child, 'exit').then(([, signal]) => signal as string | null)
  whenOver(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return { pid: child.pid!, ended }
}
