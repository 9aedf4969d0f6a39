// A hub that is killed between every two states of an alert, and begun again: a channel with a key against doubles tells
// each piece of news exactly once, a channel without one at least once, and nobody is never told.

import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { connectAsync } from 'mqtt'
import { describe, expect, onTestFinished, test } from 'vitest'
import { KILL_POINTS } from '../../src/base/kill-points.ts'
import type { KillPoint } from '../../src/base/kill-points.ts'
import { openQueries } from '../../src/journal/queries/queries.ts'
import type { AlertState } from '../../src/model/alert.ts'
import type { Queries } from '../../src/model/queries.ts'
import { ROOT, spawnHub, startHubProcess, temporaryFolder } from '../support/hub.ts'
import { reach } from '../support/reach.ts'

const DOORS = 8
/** An attempt was made and is not written down: the case of doubles. */
const SHORT: readonly KillPoint[] = ['step-end']
const LONG = KILL_POINTS.slice(KILL_POINTS.indexOf('evaluate'))
/** Each open door passes every point several times. */
const PASS = 7

const RULES = `
import { alert, rule } from 'vigie'
const door = ({ params: { n } }, resolve) => [alert({ key: 'door/' + n, title: 'Door ' + n, resolve })]
export const open = rule('open', { on: 'open/+n', do: (context) => door(context, false) })
export const close = rule('close', { on: 'closed/+n', do: (context) => door(context, true) })`

interface Request {
  readonly key: string
  readonly news: string
}

async function service() {
  const requests: Request[] = []
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = await request.toArray()
    const { occasion, alerts } = JSON.parse(Buffer.concat(chunks).toString()) as {
      readonly occasion: string
      readonly alerts: readonly { readonly key: string }[]
    }
    requests.push({
      key: String(request.headers['idempotency-key']),
      news: `${alerts[0]?.key} ${occasion}`,
    })
    response.writeHead(200).end()
  }
  const server = createServer((request, response) => void take(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { requests, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }
}

describe.each(reach<readonly KillPoint[]>(SHORT, LONG))('a hub that is killed at the point "%s"', (point) => {
  test('tells each alert once, and its end once', { timeout: 120_000 }, async () => {
    const { requests, url } = await service()
    const [data, folder] = [temporaryFolder(), temporaryFolder()]
    const config = join(folder, 'vigie.config.ts')
    writeFileSync(join(folder, 'rules.ts'), RULES)
    writeFileSync(
      config,
      `import { webhook } from ${JSON.stringify(join(ROOT, 'src', 'channels.ts'))}
       export default { alerts: { channels: { phone: webhook({ url: '${url}' }) }, retry: { min: '50ms', max: '50ms' } } }`,
    )
    const args = ['--config', config, '--data', data, '--rules', temporaryFolderWith(RULES)]
    const acknowledged = await openDoorsUntilKilled(args, point)
    expect(acknowledged.length).toBeGreaterThan(0)

    const hub = await startHubProcess(args)
    const queries = openQueries(data)
    await until(() => areAll(queries, acknowledged, 'firing'))
    const client = await connectAsync(`mqtt://127.0.0.1:${hub.mqtt}`)
    for (const n of acknowledged) await client.publishAsync(`closed/${n}`, '', { qos: 1 })
    await until(() => areAll(queries, acknowledged, 'resolved'))
    await client.endAsync()
    await hub.end('SIGTERM')

    const expected = acknowledged.flatMap((n) => [`door/${n} news`, `door/${n} resolved`])
    const byKey = new Map(requests.map(({ key, news }) => [key, news]))
    expect([...byKey.values()].filter((news) => expected.includes(news)).toSorted()).toEqual(
      expected.toSorted(),
    )
    for (const n of acknowledged)
      expect(queries.alert(`door/${n}`)?.alert).toMatchObject({ count: 1, incident: 1 })
    queries.close()
  })
})

function temporaryFolderWith(rules: string): string {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'rules.ts'), rules)
  return folder
}

/** Returns the doors whose opening was acknowledged. */
async function openDoorsUntilKilled(args: readonly string[], point: KillPoint): Promise<readonly number[]> {
  const hub = spawnHub(args, { VIGIE_KILL_AT: `${point}:${PASS}` })
  await Promise.race([hub.line(({ msg }) => msg.startsWith('Ready')), hub.ended])
  const port = hub.lines.find((line) => line['listener'] === 'mqtt')?.['port']
  const acknowledged: number[] = []
  const client = await connectAsync(`mqtt://127.0.0.1:${String(port)}`, { reconnectPeriod: 0 })
  client.on('error', () => {})
  const gone = new Promise<'gone'>((resolve) => client.once('close', () => resolve('gone')))
  for (let n = 0; n < DOORS; n++) {
    const sent = client.publishAsync(`open/${n}`, '', { qos: 1 }).catch(() => 'gone')
    if ((await Promise.race([sent, gone])) === 'gone') break
    acknowledged.push(n)
  }
  expect(await hub.ended).toMatchObject({ signal: 'SIGKILL' })
  client.end(true)
  return acknowledged
}

/** The alerts are so, that is published, and nobody is left to be told. */
function areAll(queries: Queries, doors: readonly number[], state: AlertState): boolean {
  const isSo = doors.every((n) => {
    const story = queries.alert(`door/${n}`)
    const [retained] = queries.history({ filter: `vigie/alerts/door/${n}`, limit: 1 })
    return (
      story?.alert.state === state &&
      retained !== undefined &&
      (JSON.parse(Buffer.from(retained.payload).toString()) as { readonly state: string }).state === state &&
      story.notifications.every(({ told, telling }) => told !== null && telling === null)
    )
  })
  return isSo && doors.every((n) => queries.alert(`door/${n}`)?.notifications.length === 1)
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await pause(25)
}
