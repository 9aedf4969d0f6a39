// MQTT-SN under SIGKILL: each message that the hub has acknowledged is in the history. A sensor goes on with
// the next hub by what it does anyway: it repeats what is not answered, and connects when it is told
// DISCONNECT.

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { openQueries } from '../../src/journal/queries/queries.ts'
import { openSensors, type Sensor } from '../mqtt-sn/sensor.ts'
import { startHubProcess, temporaryFolder } from '../support/hub.ts'
import { reach } from '../support/reach.ts'

const KILLS = reach(1, 20)
const SENSORS = 20
const RETRY_MS = 100

/** What one sensor has been told, over all hubs. */
interface Story {
  readonly acknowledged: number[]
  said: number
  connects: number
}

it(
  `loses no acknowledged message of a sensor when it is killed (${KILLS} ×)`,
  { timeout: 400_000 },
  async () => {
    const folder = temporaryFolder()
    const port = await freePort()
    const listener = { type: 'mqtt-sn', port, predefined: [{ topic: 'crash/sensors', id: 1 }] }
    writeFileSync(
      join(folder, 'vigie.config.ts'),
      `export default ${JSON.stringify({ listeners: [{ type: 'tcp' }, listener] })}\n`,
    )
    const data = join(folder, 'data')
    const args = ['--config', join(folder, 'vigie.config.ts'), '--data', data, '--rules', folder]
    const names = Array.from({ length: SENSORS }, (_, index) => `sensor-${index}`)
    const radio = await openSensors(port, names, RETRY_MS)
    onTestFinished(() => radio.close())
    const stories = radio.sensors.map((): Story => ({ acknowledged: [], said: 0, connects: 0 }))
    let isOver = false

    let hub = await startHubProcess(args)
    const publishing = radio.sensors.map((sensor, index) =>
      publishUntil(() => isOver, sensor, stories[index]!),
    )
    for (let kill = 0; kill < KILLS; kill++) {
      await haveMoreAcknowledged(stories)
      await pause(Math.random() * 200)
      await hub.end('SIGKILL')
      hub = await startHubProcess(args)
    }
    // Each sensor is acknowledged by the last hub, too, without anybody's help.
    await haveMoreAcknowledged(stories)
    isOver = true
    await Promise.all(publishing)
    await hub.end('SIGTERM')

    const queries = openQueries(data)
    const history = queries.history({ filter: 'crash/sensors', limit: 1_000_000 })
    queries.close()
    for (const [index, { acknowledged, said, connects }] of stories.entries()) {
      const kept = history
        .filter(({ client }) => client === names[index])
        .map(({ payload }) => Number(payload.toString()))
        .toSorted((a, b) => a - b)
      const inHistory = new Set(kept)
      expect(acknowledged.filter((number) => !inHistory.has(number))).toEqual([])
      expect(acknowledged).toHaveLength(said)
      // Only a message whose PUBACK a kill took with it may be there twice.
      expect(kept.length - inHistory.size).toBeLessThanOrEqual(KILLS)
      expect(connects).toBe(1 + KILLS)
    }
  },
)

/** Publishes one message after the other. */
async function publishUntil(isOver: () => boolean, sensor: Sensor, story: Story): Promise<void> {
  const connect = async (): Promise<void> => {
    await sensor.connect()
    story.connects++
  }
  await connect()
  while (!isOver()) {
    const number = story.said++
    while ((await sensor.publish(1, 1 + (number % 65_535), String(number))) === 'disconnect') await connect()
    story.acknowledged.push(number)
  }
}

/** Resolves when each sensor has had five messages more acknowledged. */
async function haveMoreAcknowledged(stories: readonly Story[]): Promise<void> {
  const enough = stories.map(({ acknowledged }) => acknowledged.length + 5)
  while (stories.some(({ acknowledged }, index) => acknowledged.length < enough[index]!)) await pause(5)
}

/** A port that a hub has before and after it is killed. */
async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind({ address: '127.0.0.1' })
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  await once(socket, 'close')
  return port
}
