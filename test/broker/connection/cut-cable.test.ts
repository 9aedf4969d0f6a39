// A device whose network is cut: nothing says goodbye, neither the device nor its machine. The hub and the device are
// in network namespaces of their own; the test pulls the cable between them.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, vi } from 'vitest'
import { hashPassword } from '../../../src/access/passwords.ts'
import { openQueries } from '../../../src/journal/queries/queries.ts'
import { hubWith, startVigie, until } from '../../agent/running.ts'
import { cable, inside } from '../../support/cable.ts'
import { temporaryFolder } from '../../support/hub.ts'
import { whenOver } from '../../support/lifetime.ts'
import { itWith } from '../../support/tools.ts'

vi.setConfig({ testTimeout: 60_000 })

const KEEP_ALIVE_MS = 1_000
/** The clock of the hub has whole milliseconds. */
const ROUNDING_MS = 1

const RULES = `
  const { alert, client, publish, rule, will } = vigie
  export const gone = rule('gone', { on: will('thermometer/state'), do: () => [] })
  export const lost = rule('lost', {
    on: client('thermometer', { grace: '100ms' }),
    do: ({ change }) => [
      alert({ key: 'thermometer', title: 'The thermometer is ' + change, resolve: change === 'back' }),
      ...(change === 'lost' ? [publish('thermometer/orders', 'report', { qos: 1 })] : []),
    ],
  })`

/** @param told the file to which the channel writes what people are told, a line each */
const config = (told: string): string => `{
  mqtt: { host: '10.9.7.1', port: 1883 },
  http: { port: 0 },
  alerts: { channels: { people: command({ argv: ['sh', '-c', 'echo "$VIGIE_OCCASION: $VIGIE_TITLE" >> ${told}'] }) } },
}`

function startDevice([program, ...words]: readonly [string, ...string[]]) {
  const script = fileURLToPath(new URL('device-child.ts', import.meta.url))
  const child = spawn(program, [...words, process.execPath, script, 'mqtt://10.9.7.1:1883'], {
    env: { ...process.env, NODE_OPTIONS: '', VIGIE_PASSWORD: 'secret' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'close')
  whenOver(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const said: Readonly<Record<string, unknown>>[] = []
  createInterface(child.stdout).on('line', (line) => said.push(JSON.parse(line) as never))
  return { said }
}

itWith('root, who may unshare the network', 'ip')(
  'is told of a device that a cut has taken, once, and gives it its session back',
  async () => {
    const net = cable()
    const told = join(temporaryFolder(), 'told')
    const users = {
      users: { thermometer: await hashPassword('secret', true) },
      permissions: [{ users: ['thermometer'], publish: ['thermometer/#'], receive: ['thermometer/orders'] }],
    }
    const place = hubWith(RULES, config(told), users, "import { command } from 'vigie/channels'")
    const hub = startVigie('start', place.args, { within: inside(net.hub) })
    await hub.says('Ready')
    const queries = openQueries(place.data)
    whenOver(() => queries.close())
    const events = (filter: string) => queries.history({ filter, limit: 500 }).toReversed()
    const texts = (filter: string) => events(filter).map(({ payload }) => Buffer.from(payload).toString())
    const presence = () => texts('vigie/clients/thermometer').map((text) => JSON.parse(text) as Presence)
    const alerts = () =>
      texts('vigie/alerts/thermometer').map((text) => (JSON.parse(text) as { state: string }).state)
    const toldLines = () => (existsSync(told) ? readFileSync(told, 'utf8').trimEnd().split('\n') : [])

    const device = startDevice(inside(net.far))
    await until(() => events('thermometer/alive').length > 2)
    expect(device.said).toEqual([{ msg: 'connected', sessionPresent: false }])

    net.pull()
    await until(() => toldLines().length > 0 && alerts().length > 0)
    expect(presence().map(({ state, reason }) => [state, reason])).toEqual([
      ['online', null],
      ['offline', 'keepalive'],
    ])
    const silentMs = presence().at(-1)!.since - events('thermometer/alive').at(-1)!.at
    expect(silentMs).toBeGreaterThanOrEqual(1.5 * KEEP_ALIVE_MS - ROUNDING_MS)
    expect(texts('thermometer/state')).toEqual(['gone'])
    expect(queries.runs({ rule: 'gone', limit: 10 })).toHaveLength(1)
    expect(alerts()).toEqual(['firing'])

    net.plug()
    await until(() => toldLines().length > 1 && alerts().length > 1 && device.said.length > 2)
    expect(device.said).toEqual([
      { msg: 'connected', sessionPresent: false },
      { msg: 'connected', sessionPresent: true },
      { msg: 'told', topic: 'thermometer/orders', payload: 'report' },
    ])
    expect(presence().at(-1)).toMatchObject({ state: 'online' })
    expect(alerts()).toEqual(['firing', 'resolved'])
    expect(toldLines()).toEqual([
      'news: The thermometer is lost',
      expect.stringMatching(/^resolved: Resolved, after .*: The thermometer is back$/),
    ])
    expect(queries.runs({ rule: 'gone', limit: 10 })).toHaveLength(1)
    await hub.end('SIGTERM')
  },
)

interface Presence {
  readonly state: string
  readonly reason: string | null
  readonly since: number
}
