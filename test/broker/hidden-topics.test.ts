// The hub's own topics stay out of the wildcards of clients, as `$SYS` does: live, retained, queued and shared.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder, startHubProcess } from '../support/hub.ts'
import { type Client, connectClient } from './client.ts'
import { startTestBroker, type TestBroker, type TestBrokerOptions } from './test-broker.ts'
import { longTest } from '../support/long-test.ts'

const KEPT = { clean: false, properties: { sessionExpiryInterval: 600 } } as const

const say = ({ broker }: TestBroker, topic: string, retain = false): Promise<number> =>
  broker.publish({ topic, payload: Buffer.from('x'), qos: 1, retain, origin: 'hub', cause: null })

const topicsOf = async (client: Client): Promise<string[]> =>
  (await client.sentSoFar()).map((packet) => (packet.type === 'publish' ? packet.topic : packet.type))

async function subscriber(hub: TestBroker, clientId: string, ...filters: string[]): Promise<Client> {
  const client = await connectClient(hub.port, clientId, KEPT)
  for (const filter of filters) await client.subscribe(filter, 1)
  return client
}

async function away(hub: TestBroker, clientId: string, ...filters: string[]): Promise<void> {
  const client = await subscriber(hub, clientId, ...filters)
  client.disconnect()
  await untilClosed(client)
}

async function untilClosed(client: Client): Promise<void> {
  while ((await client.next()) !== undefined);
}

/**
 * The hub dies; another begins with what was kept. The log in memory gives it what would be owed if nothing were hidden:
 * what the journal leaves out is tested with the journal (`test/journal/sessions/stored-sessions.test.ts`).
 */
async function restart(dead: TestBroker): Promise<TestBroker> {
  const eventLog = dead.eventLog.successor()
  return startTestBroker({ eventLog, sessions: eventLog.sessionLog.stored(), retained: eventLog.retained() })
}

it.each([
  ['vigie', {}, false],
  ['hub', { root: 'hub' }, false],
  ['vigie', { hiddenRoot: null }, true],
] satisfies [string, TestBrokerOptions, boolean][])(
  'live and retained: %s with %j is reached by wildcards: %s',
  async (root, options, isReached) => {
    const hub = await startTestBroker(options)
    const presence = `${root}/clients/x`
    await say(hub, `${root}/runs/r`)
    await say(hub, presence, true)
    const all = await subscriber(hub, 'all', '#')
    const plus = await subscriber(hub, 'plus', '+/clients/x')
    const spelled = await subscriber(hub, 'spelled', `${root}/clients/x`)
    const seen = isReached ? [presence] : []
    // With a root of its own the hub's topics include the presence of these clients.
    const ofAll = await topicsOf(all)
    expect(ofAll.filter((topic) => !topic.startsWith(`${root}/`))).toEqual([])
    expect(ofAll.includes(presence)).toBe(isReached)
    expect(await topicsOf(plus)).toEqual(seen)
    expect(await topicsOf(spelled)).toEqual([presence])

    await say(hub, presence)
    await say(hub, 'a/clients/x')
    expect((await topicsOf(all)).filter((topic) => topic.endsWith('/x'))).toEqual([...seen, 'a/clients/x'])
    expect(await topicsOf(plus)).toEqual([...seen, 'a/clients/x'])
    expect(await topicsOf(spelled)).toEqual([presence])
  },
)

it('queued: a session that is away is owed them only by a filter that spells the root out, also after a restart', async () => {
  const first = await startTestBroker()
  await away(first, 'all', '#')
  await away(first, 'spelled', 'vigie/runs/#')
  for (const topic of ['vigie/runs/r', 'a']) await say(first, topic)
  const come = async (hub: TestBroker) => [
    await topicsOf(await connectClient(hub.port, 'all', KEPT)),
    await topicsOf(await connectClient(hub.port, 'spelled', KEPT)),
  ]
  const second = await restart(first)
  expect(await come(second)).toEqual([['a'], ['vigie/runs/r']])
})

it('queued before they were hidden: they are not sent any more', async () => {
  const first = await startTestBroker({ hiddenRoot: null })
  await away(first, 'all', '#')
  await away(first, 'member', '$share/g/#')
  for (const topic of ['vigie/runs/r', 'a']) await say(first, topic)
  const second = await restart(first)
  expect(await topicsOf(await connectClient(second.port, 'all', KEPT))).toEqual(['a'])
  const member = await connectClient(second.port, 'member', KEPT)
  expect(await member.expect('publish')).toMatchObject({ topic: 'a' })
  expect(await topicsOf(member)).toEqual([])
  const { shares } = second.eventLog.successor().sessionLog.stored()
  expect(shares).toEqual([])
})

it('shared: a group that begins with a wildcard does not get them', async () => {
  const hub = await startTestBroker()
  const all = await subscriber(hub, 'all', '$share/g/#')
  const plus = await subscriber(hub, 'plus', '$share/g/+/runs')
  const spelled = await subscriber(hub, 'spelled', '$share/g/vigie/runs')
  await say(hub, 'vigie/runs')
  await say(hub, 'a/runs')
  expect(await topicsOf(all)).toEqual(['a/runs'])
  expect(await topicsOf(plus)).toEqual(['a/runs'])
  expect(await topicsOf(spelled)).toEqual(['vigie/runs'])
})

it('queued before they were hidden, by a subscription that has been removed since: they are not sent any more', async () => {
  const first = await startTestBroker({ hiddenRoot: null })
  const client = await subscriber(first, 'a', '#')
  for (const topic of ['vigie/runs/r', 'a']) await say(first, topic)
  client.send({ type: 'unsubscribe', packetId: 8, filters: ['#'] })
  client.disconnect()
  await untilClosed(client)
  const second = await restart(first)
  expect(await topicsOf(await connectClient(second.port, 'a', KEPT))).toEqual(['a'])
})

longTest('one switch in the configuration turns it off, and on again', async () => {
  const folder = temporaryFolder()
  const start = (reachHubTopics: boolean) => {
    const config = { root: 'hub', data: './data', wildcards: { reachHubTopics } }
    writeFileSync(join(folder, 'vigie.config.ts'), `export default ${JSON.stringify(config)}`)
    return startHubProcess(['--config', join(folder, 'vigie.config.ts')])
  }
  const open = await start(true)
  const all = await connectClient(open.mqtt, 'all', KEPT)
  await all.subscribe('#', 1)
  all.disconnect()
  await untilClosed(all)
  const other = await connectClient(open.mqtt, 'other')
  await other.subscribe('+/clients/other')
  expect(await topicsOf(other)).toEqual(['hub/clients/other'])
  other.publish('a', 'x', { qos: 1 })
  await other.expect('puback')
  await open.end('SIGKILL')

  const closed = await start(false)
  const again = await connectClient(closed.mqtt, 'all', KEPT)
  expect(again.connack.sessionPresent).toBe(true)
  expect(await again.expect('publish')).toMatchObject({ topic: 'a' })
  expect(await topicsOf(again)).toEqual([])
})
