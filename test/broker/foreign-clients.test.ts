// Clients that others wrote: Mosquitto's, and MQTT.js.

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { connect, connectAsync, type IClientOptions, type MqttClient } from 'mqtt'
import { expect, it, onTestFinished } from 'vitest'
import type { Broker } from '../../src/broker/broker.ts'
import { temporaryFolder } from '../support/hub.ts'
import { itWith } from '../support/tools.ts'
import { startTestBroker } from './test-broker.ts'

const run = promisify(execFile)
const MOSQUITTO_VERSIONS = ['mqttv31', 'mqttv311', 'mqttv5'] as const
const TOOLS = ['mosquitto_pub', 'mosquitto_sub'] as const
const QOS = [0, 1, 2] as const
/** Where Debian puts daemons. */
const WITH_SBIN = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` }

itWith(...TOOLS).each(MOSQUITTO_VERSIONS)(
  'passes messages of every QoS between mosquitto_pub and mosquitto_sub (%s)',
  async (version) => {
    const { broker, port } = await startTestBroker()
    const subscribers = QOS.map((qos) =>
      subscribe(port, ['-V', version, '-q', String(qos), '-t', 'a/+/c', '-C', '3']),
    )
    await until(broker, () => broker.stats().subscriptions === 3)
    for (const qos of QOS) {
      const message = ['-q', String(qos), '-t', 'a/b/c', '-m', `grüße ${qos}`]
      await run('mosquitto_pub', ['-p', String(port), '-V', version, ...message])
    }
    const expected = 'a/b/c grüße 0\na/b/c grüße 1\na/b/c grüße 2\n'
    expect(await Promise.all(subscribers)).toEqual([expected, expected, expected])
  },
)

itWith(...TOOLS)('keeps properties and retained messages between the tools of Mosquitto', async () => {
  const { port } = await startTestBroker()
  const properties = [
    '-D publish user-property key value',
    '-D publish content-type a-type',
    '-D publish response-topic a-topic',
    '-D publish correlation-data some-data',
  ].flatMap((option) => option.split(' '))
  await run('mosquitto_pub', [
    '-p',
    String(port),
    '-V',
    'mqttv5',
    '-r',
    '-q',
    '1',
    '-t',
    'kept',
    '-m',
    'x',
    ...properties,
  ])
  const heard = await subscribe(port, ['-V', 'mqttv5', '-t', 'kept', '-C', '1', '-F', '%r %P %C %R %D %p'])
  expect(heard).toBe('1 key:value a-type a-topic some-data x\n')
})

itWith(...TOOLS)('hears the will of a mosquitto_sub that is killed, and none of one that ends', async () => {
  const { broker, eventLog, port } = await startTestBroker()
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    const will = ['--will-topic', `will/${signal}`, '--will-payload', 'gone', '--will-qos', '1']
    const client = spawn('mosquitto_sub', ['-p', String(port), '-t', 'x', ...will])
    onTestFinished(() => void client.kill('SIGKILL'))
    await until(broker, () => broker.stats().subscriptions === 1)
    client.kill(signal)
    await once(client, 'close')
    await until(broker, () => broker.stats().subscriptions === 0)
  }
  expect(eventLog.of('will/SIGKILL')).toMatchObject([{ origin: 'will' }])
  expect(eventLog.of('will/SIGTERM')).toEqual([])
})

it.each([4, 5] as const)(
  'serves MQTT.js at protocol level %i: QoS, retained, resumed session [MQTT-4.2-1] [v3 MQTT-7.0.0-2] [v3 MQTT-7.1.1-1] [v3 MQTT-7.1.1-2]',
  async (protocolVersion) => {
    const { port } = await startTestBroker()
    const session = {
      clean: false,
      properties: protocolVersion === 5 ? { sessionExpiryInterval: 60 } : undefined,
    }
    const options: IClientOptions = { protocolVersion, clientId: 'mqttjs', ...session }
    const first = await connectTo(port, options)
    await first.subscribeAsync('a/#', { qos: 2 })
    await first.endAsync()
    const publisher = await connectTo(port, { protocolVersion })
    for (const qos of QOS)
      await publisher.publishAsync(`a/${qos}`, `hello ${qos}`, { qos, retain: qos === 2 })

    const second = connect(`mqtt://127.0.0.1:${port}`, options)
    onTestFinished(() => second.endAsync(true))
    const heard: string[] = []
    const resumed = Promise.withResolvers<void>()
    second.on('message', (topic, payload) => {
      heard.push(`${topic} ${String(payload)}`)
      if (heard.length === 2) resumed.resolve()
    })
    await resumed.promise
    expect(heard).toEqual(['a/1 hello 1', 'a/2 hello 2'])

    const retained = new Promise((resolve) =>
      publisher.once('message', (topic, _, packet) => resolve([topic, packet.retain])),
    )
    await publisher.subscribeAsync('a/+')
    expect(await retained).toEqual(['a/2', true])
  },
)

itWith('mosquitto').each(['mqttv311', 'mqttv50'])(
  'passes messages both ways over a bridge of Mosquitto that speaks %s, each of them once, and its state',
  async (version) => {
    const { broker, port } = await startTestBroker()
    const folder = temporaryFolder()
    const there = await freePort()
    writeFileSync(
      join(folder, 'bridge.conf'),
      `listener ${there} 127.0.0.1\nallow_anonymous true\nconnection vigie\naddress 127.0.0.1:${port}\n` +
        `topic both/# both 1\nremote_clientid over-there\nbridge_protocol_version ${version}\n`,
    )
    const mosquitto = spawn('mosquitto', ['-c', join(folder, 'bridge.conf')], { env: WITH_SBIN })
    onTestFinished(() => void mosquitto.kill('SIGKILL'))
    await until(broker, () => broker.stats().subscriptions === 1)
    const [left, right] = [await connectTo(port, {}), await connectTo(there, {})]
    const heard: Record<'left' | 'right', string[]> = { left: [], right: [] }
    left.on('message', (_, payload) => heard.left.push(String(payload)))
    right.on('message', (_, payload) => heard.right.push(String(payload)))
    await left.subscribeAsync('both/#', { qos: 1 })
    await right.subscribeAsync('both/#', { qos: 1 })
    await left.publishAsync('both/x', 'from here', { qos: 1 })
    await right.publishAsync('both/x', 'from there', { qos: 1 })
    await until(broker, () => heard.left.length + heard.right.length >= 4)
    // What went in circles would have come again before this, which goes the same ways.
    await left.publishAsync('both/end', 'end', { qos: 1 })
    await until(broker, () => heard.right.includes('end'))
    await right.publishAsync('both/end', 'end of all', { qos: 1 })
    await until(broker, () => heard.left.includes('end of all'))
    for (const messages of [heard.left, heard.right])
      expect(messages.toSorted()).toEqual(['end', 'end of all', 'from here', 'from there'])

    const states: string[] = []
    left.on('message', (topic, payload) => void (topic === STATE && states.push(String(payload))))
    await left.subscribeAsync(STATE)
    await until(broker, () => states.length === 1)
    mosquitto.kill('SIGKILL')
    await until(broker, () => states.length === 2)
    expect(states).toEqual(['1', '0'])
  },
)

const STATE = '$SYS/broker/connection/over-there/state'

async function connectTo(port: number, options: IClientOptions): Promise<MqttClient> {
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0, ...options })
  onTestFinished(() => client.endAsync(true))
  return client
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** What mosquitto_sub prints until it has had enough. */
async function subscribe(port: number, args: readonly string[]): Promise<string> {
  return (await run('mosquitto_sub', ['-p', String(port), '-v', ...args], { timeout: 10_000 })).stdout
}

/** Resolves when it is so; asked at each turn of the loop, for what a foreign process does. */
async function until(broker: Broker, isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 5_000
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`It did not come about: ${JSON.stringify(broker.stats())}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}
