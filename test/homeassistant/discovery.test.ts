// What is told of what a hub retains, in virtual time; and by a real hub to a client that stands for Home Assistant.
//
// Covers `src/config/homeassistant.ts`.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import { beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { parseConfig } from '../../src/config/config.ts'
import { Discovery } from '../../src/homeassistant/discovery.ts'
import type { Publication } from '../../src/model/event.ts'
import type { RetainedMessage } from '../../src/model/store.ts'
import { topicMatches } from '../../src/topics/matches.ts'
import { startHubProcess, temporaryFolder } from '../support/hub.ts'
import { whenOver } from '../support/lifetime.ts'

const HUB = { root: 'vigie', hubId: 'f3a1', version: '1', prefix: 'homeassistant', url: null }
const NAS = 'homeassistant/binary_sensor/vigie_f3a1/ping_nas/config'

/** What a hub retains, and who is told of its commits. */
class Store {
  readonly retained = new Map<string, string>()
  readonly said: string[] = []
  readonly #listeners = new Set<() => void>()

  readonly #onCommit = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly #publish = async ({ topic, payload }: Publication): Promise<number> => {
    this.said.push(`${topic} ${payload.length === 0 ? 'cleared' : 'set'}`)
    this.retain(topic, Buffer.from(payload).toString())
    return this.said.length
  }

  retain(topic: string, payload: string): void {
    if (payload === '') this.retained.delete(topic)
    else this.retained.set(topic, payload)
    for (const listener of this.#listeners) listener()
  }

  readonly #queries = {
    retained: async ({ filter, after = '', limit }: { filter: string; after?: string; limit: number }) =>
      [...this.retained]
        .filter(([topic]) => topic > after && topicMatches(filter, topic))
        .toSorted(([one], [other]) => (one < other ? -1 : 1))
        .slice(0, limit)
        .map(([topic, payload]) => ({ topic, payload: Buffer.from(payload) }) as unknown as RetainedMessage),
  }

  readonly ports = { onCommit: this.#onCommit, publish: this.#publish, queries: this.#queries }
}

describe('in virtual time', () => {
  let store: Store
  let clock: ManualClock
  beforeEach(() => {
    store = new Store()
    clock = new ManualClock(0)
  })

  const discovery = (clients = true): Discovery => {
    const made = new Discovery({ hub: HUB, clients, clock, log: silentLog, ...store.ports })
    made.start()
    return made
  }
  /** Time passes, and what falls due is done. */
  const settle = async (): Promise<void> => {
    for (let round = 0; round < 3; round++) {
      clock.advance(2_000)
      for (let turn = 0; turn < 50; turn++) await Promise.resolve()
    }
  }

  test('what is there is told at once, what comes later two seconds later, and nothing twice', async () => {
    store.retain('vigie/ping/nas', '{"state":"up"}')
    discovery()
    await settle()
    expect(store.said).toEqual(['vigie/hub/availability set', `${NAS} set`])
    store.retain('vigie/ping/nas', '{"state":"down"}')
    store.retain('vigie/alerts/nas', '{"state":"firing"}')
    await settle()
    expect(store.said.slice(2)).toEqual(['homeassistant/binary_sensor/vigie_f3a1/alert_nas/config set'])
  })

  test('what is gone is cleared, also what went while no hub ran', async () => {
    store.retain('vigie/ping/nas', '{}')
    const first = discovery()
    await settle()
    store.retain('vigie/ping/nas', '')
    await settle()
    expect(store.said.at(-1)).toBe(`${NAS} cleared`)

    store.retain('vigie/ping/nas', '{}')
    await settle()
    await first.stop()
    store.retained.delete('vigie/ping/nas')
    discovery()
    await settle()
    expect(store.said.at(-1)).toBe(`${NAS} cleared`)
  })

  test('a restart says nothing anew but that the hub is there, and a stop that it is not', async () => {
    store.retain('vigie/ping/nas', '{}')
    const first = discovery()
    await settle()
    await first.stop()
    await first.stop()
    expect(store.retained.get('vigie/hub/availability')).toBe('offline')
    store.said.length = 0
    discovery()
    await settle()
    expect(store.said).toEqual(['vigie/hub/availability set'])
  })

  test('entities of another hub are left alone, and clients are told of only if wanted', async () => {
    const other = 'homeassistant/binary_sensor/vigie_9999/ping_nas/config'
    store.retain(other, '{}')
    store.retain('vigie/clients/phone', '{"state":"online"}')
    discovery(false)
    await settle()
    expect(store.said).toEqual(['vigie/hub/availability set'])
    expect(store.retained.has(other)).toBe(true)
  })

  test('thousands of clients are told of, page by page', async () => {
    for (let client = 0; client < 2_500; client++) store.retain(`vigie/clients/c${client}`, '{}')
    discovery()
    clock.advance(0)
    for (let turn = 0; turn < 20_000; turn++) await Promise.resolve()
    expect(store.said).toHaveLength(2_501)
  })
})

test.each([
  [undefined, false],
  [false, false],
  [true, { prefix: 'homeassistant', clients: true }],
  [{ prefix: 'ha/main' }, { prefix: 'ha/main', clients: true }],
  [{ clients: false }, { prefix: 'homeassistant', clients: false }],
])('homeassistant: %j means %j', (given, meant) => {
  expect(parseConfig({ homeassistant: given }, 'test').homeassistant).toEqual(meant)
})

test('a prefix that is no topic is refused by a sentence', () => {
  expect(() => parseConfig({ homeassistant: { prefix: 'a/#' } }, 'test')).toThrow(/homeassistant.*#/)
})

test('a hub tells of its pings, tasks and clients by retained messages, and clears a ping that is removed', async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'rules'))
  const rules = join(folder, 'rules', 'house.ts')
  const write = (pings: string): void =>
    writeFileSync(
      rules,
      `import { ping, task } from 'vigie'\nexport const backup = task('backup', {})\n${pings}`,
    )
  write("export const hub = ping('closed', { tcp: '127.0.0.1:9', every: '1s', fails: 1 })\n")
  writeFileSync(
    join(folder, 'vigie.config.ts'),
    'export default { homeassistant: true, http: { port: 0 }, mqtt: { port: 0 } }\n',
  )
  const hub = await startHubProcess(['--config', join(folder, 'vigie.config.ts')])
  const client = await connectAsync(`mqtt://127.0.0.1:${hub.mqtt}`, { clientId: 'home-assistant' })
  whenOver(() => client.endAsync(true))
  const heard = new Map<string, string>()
  let more = Promise.withResolvers<void>()
  client.on('message', (topic, payload) => {
    heard.set(topic, payload.toString())
    more.resolve()
    more = Promise.withResolvers()
  })
  await client.subscribeAsync(['homeassistant/#', 'vigie/hub/availability'], { qos: 1 })
  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) await more.promise
  }
  const ending = (end: string): string[] => [...heard.keys()].filter((topic) => topic.endsWith(end))
  await until(() =>
    ['/ping_closed/config', '/task_backup/config', '/client_home-assistant/config'].every(
      (end) => ending(end).length === 1,
    ),
  )
  expect(heard.get('vigie/hub/availability')).toBe('online')
  const [ping = ''] = ending('/ping_closed/config')
  const config = JSON.parse(heard.get(ping)!) as { unique_id: string; state_topic: string }
  expect(ping).toBe(
    `homeassistant/binary_sensor/${config.unique_id.replace(/_ping_closed$/, '')}/ping_closed/config`,
  )
  expect(config.state_topic).toBe('vigie/ping/closed')

  write('')
  await until(() => heard.get(ping) === '')
})
