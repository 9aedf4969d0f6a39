// Brokers of other makes for the far side of a bridge: on loopback, in a temporary folder, gone with the
// test.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { globSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { temporaryFolder } from '../support/hub.ts'
import { whenOver } from '../support/lifetime.ts'

/** Where Debian puts daemons. */
const WITH_SBIN = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` }

export interface FarBroker {
  readonly port: number
  readonly url: string
  /** Ends it with a signal; resolves when it is gone. */
  end(signal: NodeJS.Signals): Promise<void>
  /** Starts it again on the same port, with what it has kept. */
  restart(): Promise<void>
  /** Sends it a signal that it lives through. */
  signal(signal: NodeJS.Signals): void
}

/** A port that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Resolves when something listens there. */
async function listening(port: number, isAlive: () => boolean = () => true): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    const isOpen = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    socket.destroy()
    if (isOpen === true) return
    if (!isAlive()) throw new Error('The broker has ended.')
    await pause(20)
  }
}

interface Program {
  readonly command: string
  readonly args: readonly string[]
  readonly port: number
  readonly env?: NodeJS.ProcessEnv
}

/** Starts a program that listens on the port. It is killed when the test is over. */
async function startFarBroker({ command, args, port, env }: Program): Promise<FarBroker> {
  let child: ChildProcess
  let output = ''
  const start = async (): Promise<void> => {
    const begun = spawn(command, args, {
      env: { ...WITH_SBIN, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that a script ends with what it runs.
      detached: true,
    })
    child = begun
    for (const stream of [begun.stdout, begun.stderr])
      stream.on('data', (text: Buffer) => {
        output = (output + text.toString()).slice(-5_000)
      })
    await listening(port, () => begun.exitCode === null && begun.signalCode === null).catch(
      (error: Error) => {
        throw new Error(`${command}: ${error.message}\n${output}`)
      },
    )
  }
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'close')
    process.kill(-child.pid!, signal)
    await gone
  }
  whenOver(() => end('SIGKILL'))
  await start()
  return {
    port,
    url: `mqtt://127.0.0.1:${port}`,
    end,
    restart: start,
    signal: (signal) => void process.kill(-child.pid!, signal),
  }
}

/**
 * Mosquitto, which keeps on its disk what it is asked to.
 * @param lines further lines of its configuration
 */
export async function startMosquitto(
  lines: readonly string[] = [],
  {
    port: given,
    listener = 'allow_anonymous true',
    saves = 'often',
  }: {
    port?: number
    listener?: string
    /** `at-end`: only when it ends in order; saving often takes long where it holds much. */
    saves?: 'often' | 'at-end'
  } = {},
): Promise<FarBroker> {
  const folder = temporaryFolder()
  const port = given ?? (await freePort())
  const file = join(folder, 'mosquitto.conf')
  const user = process.getuid?.() === 0 ? ['user root'] : []
  const kept = ['persistence true', `persistence_location ${folder}/`]
  const saved = saves === 'often' ? ['autosave_interval 1', 'autosave_on_changes true'] : []
  const bounds = ['max_queued_messages 0', 'max_inflight_messages 1000']
  const listens = [`listener ${port} 127.0.0.1`, listener]
  writeFileSync(file, [...user, ...kept, ...saved, ...bounds, ...listens, ...lines, ''].join('\n'))
  return startFarBroker({ command: 'mosquitto', args: ['-c', file], port })
}

/**
 * RabbitMQ with `rabbitmq_mqtt`, which lets everybody in. It takes some seconds to start.
 * @returns `amqp` is where it speaks AMQP 0-9-1, to the user guest with the password guest
 */
export async function startRabbit(): Promise<FarBroker & { readonly amqp: string }> {
  const folder = temporaryFolder()
  const [port, amqp] = [await freePort(), await freePort()]
  const [dist, epmd] = [await freePort(), await freePort()]
  writeFileSync(join(folder, 'enabled_plugins'), '[rabbitmq_mqtt].\n')
  const lines = [
    `listeners.tcp.1 = 127.0.0.1:${amqp}`,
    `mqtt.listeners.tcp.1 = 127.0.0.1:${port}`,
    'mqtt.allow_anonymous = true',
    'mqtt.exchange = amq.topic',
  ]
  writeFileSync(join(folder, 'rabbitmq.conf'), `${lines.join('\n')}\n`)
  // RabbitMQ starts a daemon of its own that maps names to ports: it ends behind the broker.
  whenOver(() => spawnSync('epmd', ['-kill'], { env: { ...WITH_SBIN, ERL_EPMD_PORT: String(epmd) } }))
  const broker = await startFarBroker({
    command: '/usr/lib/rabbitmq/bin/rabbitmq-server',
    args: [],
    port,
    env: {
      HOME: folder,
      ERL_EPMD_PORT: String(epmd),
      ERL_EPMD_ADDRESS: '127.0.0.1',
      RABBITMQ_NODENAME: `vigie-${port}@localhost`,
      RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
      RABBITMQ_DIST_PORT: String(dist),
      RABBITMQ_BASE: folder,
      RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
      RABBITMQ_LOG_BASE: join(folder, 'log'),
      RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
      RABBITMQ_CONF_ENV_FILE: join(folder, 'none'),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
      RABBITMQ_PID_FILE: join(folder, 'pid'),
    },
  })
  return { ...broker, amqp: `amqp://127.0.0.1:${amqp}` }
}

/** NATS with MQTT on top of JetStream. */
export async function startNats(): Promise<FarBroker> {
  const folder = temporaryFolder()
  const [port, client] = [await freePort(), await freePort()]
  const file = join(folder, 'nats.conf')
  const lines = [
    'server_name: far',
    `listen: 127.0.0.1:${client}`,
    `jetstream { store_dir: "${folder}/jetstream" }`,
    `mqtt { listen: "127.0.0.1:${port}" }`,
  ]
  writeFileSync(file, `${lines.join('\n')}\n`)
  return startFarBroker({ command: 'nats-server', args: ['-c', file], port })
}

/** ejabberd with `mod_mqtt`, which lets everybody in who says a name of `localhost`. */
export async function startEjabberd(): Promise<FarBroker> {
  const folder = temporaryFolder()
  const port = await freePort()
  const file = join(folder, 'ejabberd.yml')
  const lines = [
    'hosts: [localhost]',
    'auth_method: [anonymous]',
    'allow_multiple_connections: true',
    'anonymous_protocol: both',
    'listen:',
    `  - { port: ${port}, ip: "127.0.0.1", module: mod_mqtt, backlog: 1000 }`,
    'modules:',
    '  mod_mqtt:',
    '    access_publish: { "#": [{ allow: all }] }',
    '    access_subscribe: { "#": [{ allow: all }] }',
  ]
  writeFileSync(file, `${lines.join('\n')}\n`)
  return startFarBroker({
    command: 'erl',
    args: ['-noinput', '-mnesia', 'dir', `"${folder}"`, '-s', 'ejabberd'],
    port,
    env: {
      HOME: folder,
      ERL_LIBS: dirname(globSync('/usr/lib/*/ejabberd-*')[0] ?? ''),
      EJABBERD_CONFIG_PATH: file,
      EJABBERD_LOG_PATH: join(folder, 'ejabberd.log'),
    },
  })
}
