// A data folder that a hub of 28 November 2026 left when it was killed (migrations up to 10; this has more): a hub of today
// brings it up to date and goes on where that one was. The folder is `older/`: a database and its write-ahead log,
// with the rules that were in force.
//
// Covers `src/journal/migrations/all.ts`, from the outside.

import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import mqtt from 'mqtt'
import { expect, test } from 'vitest'
import { vigieJson } from '../support/cli.ts'
import { startHubProcess, temporaryFolder } from '../support/hub.ts'
import { whenOver } from '../support/lifetime.ts'

const OLDER = join(import.meta.dirname, 'older')

/** The folder as it was left, in a folder of its own. */
function unpacked(): string {
  const folder = temporaryFolder()
  for (const name of ['data', 'rules']) mkdirSync(join(folder, name))
  for (const name of readdirSync(OLDER).filter((each) => each.endsWith('.gz')))
    writeFileSync(join(folder, 'data', name.slice(0, -3)), gunzipSync(readFileSync(join(OLDER, name))))
  copyFileSync(join(OLDER, 'old.ts'), join(folder, 'rules', 'old.ts'))
  // However old the fixture is by now, its history is not.
  writeFileSync(join(folder, 'vigie.config.ts'), "export default { history: { keep: '36500d' } }\n")
  return folder
}

test('a hub goes on in the data folder of an older one that was killed', async () => {
  const folder = unpacked()
  const data = ['--data', join(folder, 'data')]
  const hub = await startHubProcess(['--config', join(folder, 'vigie.config.ts')])
  const url = `mqtt://127.0.0.1:${hub.mqtt}`

  // A run that waited when the older hub was killed ends, and what it publishes is retained.
  const client = await mqtt.connectAsync(url, { clientId: 'today' })
  whenOver(() => client.endAsync(true))
  const heard = new Map<string, string>()
  let more = Promise.withResolvers<void>()
  client.on('message', (topic, payload) => {
    heard.set(topic, payload.toString())
    more.resolve()
    more = Promise.withResolvers()
  })
  await client.subscribeAsync(['done/+', 'house/mode', 'counted/three'], { qos: 1 })
  while (!heard.has('done/17') || !heard.has('house/mode')) await more.promise
  expect(Object.fromEntries(heard)).toEqual({ 'done/17': 'yes', 'house/mode': '{"away":true}' })

  // What a rule remembers: this is the third.
  await client.publishAsync('counted', '3', { qos: 1 })
  while (!heard.has('counted/three')) await more.promise

  // What waited for the sessions of clients of both versions.
  expect(
    await waiting(url, { clientId: 'panel', protocolVersion: 5, properties: { sessionExpiryInterval: 60 } }),
  ).toEqual([
    ['news/today', 'sunny', { by: 'anna' }],
    ['news/tomorrow', 'rain', undefined],
  ])
  expect(await waiting(url, { clientId: 'old-panel', protocolVersion: 4 })).toEqual([
    ['news/today', 'sunny', undefined],
    ['news/tomorrow', 'rain', undefined],
  ])

  const history = await vigieJson<{ topic: string; client: string }>('history', 'news/#', ...data)
  expect(history.map(({ topic, client: by }) => `${topic} ${by}`).toSorted()).toEqual([
    'news/today sender',
    'news/tomorrow sender',
  ])
  const dead = await vigieJson<{ rule: string }>('runs', '--state', 'dead', ...data)
  expect(dead.map(({ rule }) => rule)).toEqual(['fails'])
  expect(hub.lines.filter(({ level }) => level === 'error')).toEqual([])
})

/** What comes to a session that is there already: two messages. */
async function waiting(url: string, options: mqtt.IClientOptions): Promise<unknown[]> {
  const client = mqtt.connect(url, { ...options, clean: false })
  whenOver(() => client.endAsync(true))
  const heard: unknown[] = []
  await new Promise<void>((resolve) => {
    client.on('message', (topic, payload, { properties }) => {
      heard.push([topic, payload.toString(), properties?.userProperties && { ...properties.userProperties }])
      if (heard.length === 2) resolve()
    })
  })
  return heard
}
