// Measures the same work in Node-RED and in vigie, in turn: a message comes in by MQTT, a function makes a
// body of it, an HTTP request sends that on. Node-RED has Mosquitto as its broker; both run on one core,
// the publisher and the server on the other. Node-RED is fetched from the registry into a temporary folder
// when this runs. Node-RED keeps nothing; vigie keeps every step, with fsync.
//
//   node bench/node-red.ts [messages, by default 3,000]

import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { promisify } from 'node:util'
import { connectAsync } from 'mqtt'
import { findFreePort, startBroker } from './brokers/broker.ts'
import type { RunningBroker } from './brokers/broker.ts'
import { mosquitto } from './brokers/mosquitto.ts'
import { median } from './report.ts'

const MESSAGES = Number(process.argv[2] ?? 3_000)
const WARM_UP = 300
const ROUNDS = 3
/** vigie's rate as a multiple of Node-RED's. */
const TARGET = 4
const BIN = join(import.meta.dirname, '../src/bin.js')

/** An HTTP server that resolves a promise when so many requests have come. */
class Sink {
  readonly #server = createServer((request, response) => {
    request.resume().once('end', () => {
      response.end()
      if (--this.#left === 0) this.#done()
    })
  })
  #left = 0
  #done = (): void => {}

  async open(): Promise<string> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening')
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  take(count: number): Promise<void> {
    this.#left = count
    return new Promise((resolve) => {
      this.#done = resolve
    })
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}

const folder = mkdtempSync(join(tmpdir(), 'vigie-bench-'))
const sink = new Sink()
const url = await sink.open()
try {
  const rates = { 'Node-RED': [] as number[], vigie: [] as number[] }
  await promisify(execFile)('npm', ['install', '--no-audit', '--no-fund', '--prefix', folder, 'node-red@5'])
  for (let round = 0; round < ROUNDS; round++) {
    const broker = await mosquitto.start()
    const nodeRed = await startNodeRed(broker.port)
    rates['Node-RED'].push(await rateThrough(broker.port))
    await nodeRed.stop()
    await broker.stop()
    const hub = await startVigie(round)
    rates.vigie.push(await rateThrough(hub.port))
    await hub.stop()
  }
  const [theirs, ours] = [median(rates['Node-RED']), median(rates.vigie)]
  process.stdout.write(
    `Node-RED: ${theirs.toFixed(0)} messages a second\nvigie: ${ours.toFixed(0)} messages a second, ${(ours / theirs).toFixed(1)} × (target ${TARGET} ×: ${ours / theirs >= TARGET ? 'met' : 'missed'})\n`,
  )
} finally {
  sink.close()
  rmSync(folder, { recursive: true, force: true })
}

async function rateThrough(port: number): Promise<number> {
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`)
  const send = async (count: number): Promise<number> => {
    const start = performance.now()
    const taken = sink.take(count)
    for (let n = 0; n < count; n++)
      client.publish(`in/${n % 100}`, JSON.stringify({ temperature: n }), { qos: 1 })
    await taken
    return (count * 1_000) / (performance.now() - start)
  }
  await send(WARM_UP)
  const rate = await send(MESSAGES)
  await client.endAsync(true)
  return rate
}

async function startNodeRed(mqttPort: number): Promise<RunningBroker> {
  const port = await findFreePort()
  const flows = join(folder, 'flows.json')
  const wire = { z: 'flow', x: 0, y: 0 }
  const nodes = [
    { id: 'flow', type: 'tab', label: 'bench' },
    {
      id: 'broker',
      type: 'mqtt-broker',
      broker: '127.0.0.1',
      port: String(mqttPort),
      clientid: '',
      autoConnect: true,
      protocolVersion: '4',
      keepalive: '60',
      cleansession: true,
    },
    {
      id: 'in',
      type: 'mqtt in',
      topic: 'in/+',
      qos: '1',
      datatype: 'json',
      broker: 'broker',
      wires: [['make']],
      ...wire,
    },
    {
      id: 'make',
      type: 'function',
      func: "return { payload: { place: msg.topic.split('/')[1], temperature: msg.payload.temperature }, headers: { 'content-type': 'application/json' } }",
      outputs: 1,
      wires: [['send']],
      ...wire,
    },
    {
      id: 'send',
      type: 'http request',
      method: 'POST',
      ret: 'txt',
      url,
      persist: true,
      wires: [[]],
      ...wire,
    },
  ]
  writeFileSync(flows, JSON.stringify(nodes))
  const red = join(folder, 'node_modules/node-red/red.js')
  const running = await startBroker('Node-RED', port, process.execPath, [
    red,
    '--userDir',
    folder,
    '-p',
    String(port),
    flows,
  ])
  await subscribed(mqttPort)
  return running
}

/** Resolves when a message goes through: Node-RED starts its flows after its port listens. */
async function subscribed(port: number): Promise<void> {
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`)
  const came = sink.take(1)
  const asking = setInterval(() => client.publish('in/0', '{}'), 200)
  await came
  clearInterval(asking)
  await client.endAsync()
}

async function startVigie(round: number): Promise<RunningBroker> {
  const rules = join(folder, 'rules')
  mkdirSync(rules, { recursive: true })
  writeFileSync(
    join(rules, 'rules.ts'),
    `import { rule, webhook } from 'vigie'
export default rule('carry', {
  on: 'in/+place',
  do: ({ payload, params }) => webhook('${url}', { json: { place: params.place, temperature: payload.temperature } }),
})`,
  )
  const port = await findFreePort()
  const args = [
    'start',
    '--rules',
    rules,
    '--data',
    join(folder, `data-${round}`),
    '--mqtt',
    String(port),
    '--http',
    '0',
  ]
  return startBroker('vigie', port, process.execPath, [BIN, ...args])
}
