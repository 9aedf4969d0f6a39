// Three hubs share the work of one foreign broker, under load, and hubs are killed: each message that the
// broker acknowledged has its run at one of them.

import { expect } from 'vitest'
import { itWith } from '../support/tools.ts'
import { type BridgedHub, type Client, connectTo, isConnected, startBridgedHub } from './bridged-hub.ts'
import { startMosquitto } from './far-brokers.ts'

const RULES = `
import { publish, rule } from 'vigie'
export const work = rule('work', { on: 'orders/+', do: ({ payload }) => publish('done', String(payload)) })
`
const RECONNECT = { first: '20ms', longest: '200ms' }
const PER_ROUND = 300

itWith('mosquitto')(
  'runs each message that the far side acknowledged, at one of three hubs of which two are killed',
  async () => {
    const far = await startMosquitto()
    const config = {
      attach: { url: far.url, group: 'hubs', filters: ['orders/+'], reconnect: RECONNECT },
      bridges: { out: { url: far.url, reconnect: RECONNECT, topics: [{ filter: 'done' }] } },
    }
    const members = await Promise.all([0, 1, 2].map(() => startBridgedHub(config, { rules: RULES })))
    for (const member of members) await member.until(isConnected, 'attach')
    const results = await connectTo(far.port)
    await results.subscribe('done')
    const publisher = await connectTo(far.port)
    let next = 1
    const publishSome = (): Promise<unknown> =>
      Promise.all(Array.from({ length: PER_ROUND }, () => publisher.publish('orders/x', String(next++))))

    await publishSome()
    for (const victim of [0, 1]) {
      const published = publishSome()
      await members[victim]!.hub.end('SIGKILL')
      await published
      members[victim] = await members[victim]!.restart()
      await members[victim].until(isConnected, 'attach')
    }
    await publishSome()
    await hasAll(results, next - 1)
    const worked = await Promise.all(members.map((member: BridgedHub) => member.bridge('attach')))
    for (const { received } of worked) expect(received).toBeGreaterThan(0)
  },
  240_000,
)

/** Resolves when each number up to this one has come. */
async function hasAll(client: Client, upTo: number): Promise<void> {
  const missing = (): number[] => {
    const come = new Set(client.heard.map(({ payload }) => Number(payload)))
    return Array.from({ length: upTo }, (_, index) => index + 1).filter((number) => !come.has(number))
  }
  while (missing().length > 0) await new Promise((resolve) => setTimeout(resolve, 100))
}
