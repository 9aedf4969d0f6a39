// A whole hub whose rules use secrets in every place that takes one, in steps that work and in steps that fail: wherever it
// writes or speaks, the values are looked for.

import { connectAsync } from 'mqtt'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startHubProcess, temporaryFolder } from '../support/hub.ts'
import { watchRuns } from '../support/runs.ts'

const FROM_ENVIRONMENT = 'pässwort/with "quotes" & spaces-7f3a91'
const FROM_FILE = 'file-5d1c66e0b2-secret'

/** A value as it is, and as it may stand in an address, in JSON or in a header. */
const spellings = (value: string): readonly string[] => [
  value,
  encodeURIComponent(value),
  JSON.stringify(value).slice(1, -1),
  Buffer.from(value).toString('base64'),
  Buffer.from(value).toString('base64').replace(/=+$/, ''),
]

const rules = (port: number) => `
import { rule, secret, shell, webhook } from 'vigie'
const token = secret('TOKEN'), key = secret('KEY')
const once = { retry: { attempts: 1 } }
export default [
  rule('sends', { on: 'go', do: () => [
    webhook('http://127.0.0.1:${port}/echo', { auth: { bearer: token }, headers: { 'x-key': ['k ', key] }, sign: { key, header: 'x-sign' }, ...once }),
    webhook(['http://127.0.0.1:${port}/echo?key=', key], { auth: { user: 'me', password: token }, ...once }),
  ] }),
  rule('fails', { on: 'go', do: () => webhook(['http://127.0.0.1:${port}/refuse/', key], { auth: { bearer: token }, ...once }) }),
  rule('lost', { on: 'go', do: () => webhook(['http://127.0.0.1:1/', key], { headers: { 'x-token': token }, ...once }) }),
  rule('prints', { on: 'go', do: () => shell.script('echo "$TOKEN"; echo "$KEY" >&2; env; exit 1', { env: { TOKEN: token, KEY: key }, ...once }) }),
]`

test(
  'no value of a secret is in the database, in the log, or in a message',
  { timeout: 60_000 },
  async () => {
    const told: string[] = []
    const server = createServer((request, response) => {
      const head = `${request.url} ${JSON.stringify(request.headers)}`
      told.push(head)
      response.writeHead(isRefused(request) ? 500 : 200).end(`you sent ${head}`)
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    onTestFinished(() => void server.close())
    const folder = temporaryFolder()
    const [data, rulesDir] = [join(folder, 'data'), join(folder, 'rules')]
    mkdirSync(rulesDir)
    writeFileSync(join(rulesDir, 'rules.ts'), rules((server.address() as AddressInfo).port))
    writeFileSync(join(folder, 'key'), `${FROM_FILE}\n`)

    const env = { TOKEN: FROM_ENVIRONMENT, KEY_FILE: join(folder, 'key') }
    const hub = await startHubProcess(['--data', data, '--rules', rulesDir], env)
    const spy = await connectAsync(`mqtt://127.0.0.1:${hub.mqtt}`)
    onTestFinished(() => spy.endAsync(true))
    const messages: Buffer[] = []
    spy.on('message', (topic, payload) => messages.push(Buffer.from(`${topic} ${payload.toString()}`)))
    await spy.subscribeAsync(['#', 'vigie/#'], { qos: 1 })
    const { client, ended } = await watchRuns(hub.mqtt)
    await client.publishAsync('go', '1', { qos: 1 })
    expect((await ended('sends')).state).toBe('done')
    for (const rule of ['fails', 'lost', 'prints']) expect((await ended(rule)).state).toBe('dead')

    const places: readonly (readonly [name: string, bytes: Buffer])[] = [
      // With the hub up, so that the write-ahead log is looked through as well.
      ...readdirSync(data).map((name) => [name, readFileSync(join(data, name))] as const),
      ['the log', Buffer.from([...hub.lines.map((line) => JSON.stringify(line)), ...hub.noise].join('\n'))],
      ['a message', Buffer.concat(messages)],
    ]
    const found = places.flatMap(([name, bytes]) =>
      [FROM_ENVIRONMENT, FROM_FILE]
        .flatMap(spellings)
        .flatMap((value) => (bytes.includes(value) ? [`${value} in ${name}`] : [])),
    )
    expect(found).toEqual([])
    // They did arrive where they were sent, and what came back is kept without them.
    expect(told.join('\n')).toContain(FROM_FILE)
    expect(places.some(([, bytes]) => bytes.includes('[secret KEY]'))).toBe(true)
  },
)

const isRefused = ({ url = '' }: IncomingMessage): boolean => url.startsWith('/refuse')
