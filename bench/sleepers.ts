// Measures a hub with many sensors of MQTT-SN that sleep. Each connects through one forwarder, subscribes and
// falls asleep. Then each is sent one message at QoS 1, wakes once with PINGREQ, and gets it.
//
//   node bench/sleepers.ts [sensors, by default 10000]

import { connectAsync } from 'mqtt'
import { openForwarder } from '../test/mqtt-sn/sensor.ts'
import { findFreePort } from './brokers/broker.ts'
import { startVigie } from './brokers/vigie.ts'
import { sample } from './machine.ts'

/** How many sensors speak at one time: more would overflow the buffer of the socket. */
const WINDOW = 100
/** Long beside any answer, so that what is said again was lost. */
const RETRY_MS = 5_000
const SLEEP_SECONDS = 3_600

const count = Number(process.argv[2] ?? 10_000)
const port = await findFreePort()
const listeners = [{ type: 'tcp' }, { type: 'mqtt-sn', port }]
const hub = await startVigie({ config: `export default ${JSON.stringify({ listeners })}\n` })
try {
  const clientIds = Array.from({ length: count }, (_, index) => `sleeper-${index}`)
  const { sensors, close } = await openForwarder(port, clientIds, RETRY_MS)
  const client = await connectAsync(`mqtt://127.0.0.1:${hub.port}`)

  console.log(`${count} sensors, ${WINDOW} at one time:`)
  console.log('| | seconds | CPU of the hub, s | memory, MiB |\n| --- | ---: | ---: | ---: |')
  const { residentBytes } = sample(hub.pid)
  console.log(`| before | | | ${mib(residentBytes)} |`)
  await measure('connect', (index) => sensors[index]!.connect())
  await measure('subscribe', (index) => sensors[index]!.subscribe(`sleepers/${clientIds[index]}`))
  await measure('fall asleep', (index) => sensors[index]!.sleep(SLEEP_SECONDS))
  await measure('are sent a message', async (index) => {
    await client.publishAsync(`sleepers/${clientIds[index]}`, `for ${clientIds[index]}`, { qos: 1 })
  })
  const early = sensors.reduce((sum, { got }) => sum + got.length, 0)
  await measure('wake, and get it', (index) => sensors[index]!.wake())

  const right = sensors.filter(({ got, clientId }) => got.length === 1 && got[0] === `for ${clientId}`).length
  const repeats = sensors.reduce((sum, sensor) => sum + sensor.repeats, 0)
  console.log(`${right} of ${count} got their message once, ${early} before they woke; ${repeats} repeats.`)
  if (right < count || early > 0) process.exitCode = 1
  close()
  await client.endAsync()
} finally {
  await hub.stop()
}

/** Does something for each sensor, a window at one time, and prints what it took. */
async function measure(title: string, act: (index: number) => Promise<void>): Promise<void> {
  const before = sample(hub.pid)
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) await act(next++)
  }
  await Promise.all(Array.from({ length: WINDOW }, worker))
  const after = sample(hub.pid)
  const seconds = (ms: number): string => (ms / 1_000).toFixed(1)
  const cells = [
    title,
    seconds(after.atMs - before.atMs),
    seconds(after.brokerCpuMs - before.brokerCpuMs),
    mib(after.residentBytes),
  ]
  console.log(`| ${cells.join(' | ')} |`)
}

function mib(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0)
}
