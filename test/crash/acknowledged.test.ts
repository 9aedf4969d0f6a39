// The promise under SIGKILL: what was acknowledged is in the history, and each has its run done, once or more.

import { connectAsync, type MqttClient } from 'mqtt'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { openQueries } from '../../src/journal/queries/queries.ts'
import { startHubProcess, temporaryFolder } from '../support/hub.ts'
import { reach } from '../support/reach.ts'

const KILLS = reach(2, 20)
/** Every so many events the rule fires: a process each would hold up the publishers, and it is their full speed that counts. */
const FIRES_EVERY = 40

it(
  `loses no acknowledged event and no run when it is killed ${KILLS} times at random moments`,
  { timeout: 400_000 },
  async () => {
    const folder = temporaryFolder()
    const data = join(folder, 'data')
    const done = join(folder, 'done.txt')
    const rules = temporaryFolder()
    writeFileSync(done, '')
    writeFileSync(
      join(rules, 'crash.ts'),
      `import { rule, shell } from 'vigie'
export default rule('note', {
  on: 'crash/+number',
  when: ({ params }) => Number(params.number) % ${FIRES_EVERY} === 0,
  do: ({ params }) => [shell.script('echo "$NUMBER" >> "$FILE"', { env: { NUMBER: params.number, FILE: ${JSON.stringify(done)} }, retry: { attempts: 5, min: '10ms', max: '1s' } })],
})`,
    )
    const acknowledged = new Set<number>()
    let next = 0
    for (let round = 0; round < KILLS; round++) {
      const hub = await startHubProcess(['--data', data, '--rules', rules])
      const client = await connectAsync(`mqtt://127.0.0.1:${hub.mqtt}`, { reconnectPeriod: 0 })
      const publishing = publishUntilGone(client, () => next++, acknowledged)
      // Every other time under way, however slow the machine is: each round with two runs at least.
      const enough = acknowledged.size + (round % 2 === 0 ? 2 * FIRES_EVERY : 0)
      while (acknowledged.size < enough) await pause(5)
      await pause(20 + Math.random() * 300)
      await hub.end('SIGKILL')
      await publishing
    }

    const hub = await startHubProcess(['--data', data, '--rules', rules])
    const queries = openQueries(data)
    const isDone = (): boolean => {
      const { events, cursor, lastEventId, runs } = queries.totals()
      return events > 0 && cursor === lastEventId && runs.planned === 0 && runs.running === 0
    }
    while (!isDone()) await pause(50)
    await hub.end('SIGTERM')

    const inHistory = new Map(
      queries
        .history({ filter: 'crash/+', limit: 1_000_000 })
        .map(({ topic, id }) => [Number(topic.slice('crash/'.length)), id]),
    )
    const noted = new Set(readFileSync(done, 'utf8').trim().split('\n').map(Number))
    expect([...acknowledged].filter((number) => !inHistory.has(number))).toEqual([])
    const fires = [...acknowledged].filter((number) => number % FIRES_EVERY === 0)
    expect(fires.length).toBeGreaterThanOrEqual(KILLS)
    expect(fires.filter((number) => !noted.has(number))).toEqual([])
    const runsOf = (number: number) => queries.runsOf(inHistory.get(number) ?? 0)
    expect(fires.filter((number) => runsOf(number).length !== 1)).toEqual([])
    expect(fires.flatMap(runsOf).filter(({ state }) => state !== 'done')).toEqual([])
    queries.close()
  },
)

/** Publishes at full speed, a window in flight, until the connection breaks. */
async function publishUntilGone(
  client: MqttClient,
  nextNumber: () => number,
  acknowledged: Set<number>,
): Promise<void> {
  client.on('error', () => {})
  const gone = new Promise<void>((resolve) => client.once('close', () => resolve()))
  let inFlight = 0
  const fill = (): void => {
    while (inFlight < 20 && client.connected) {
      const number = nextNumber()
      inFlight++
      client.publish(`crash/${number}`, String(number), { qos: 1 }, (error) => {
        inFlight--
        if (!error) acknowledged.add(number)
        fill()
      })
    }
  }
  fill()
  await gone
  client.end(true)
}
