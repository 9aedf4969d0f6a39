// Covers `src/cli/frame/hub-address.ts`, `src/cli/frame/ask-hub.ts`, `src/http/api/questions.ts`,
// `src/model/questions.ts`: commands that look into the journal of a hub elsewhere.

import { serve } from '@hono/node-server'
import { createServer as createHttp } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import { afterEach, expect, it, onTestFinished, vi } from 'vitest'
import { silentLog } from '../../../src/base/log.ts'
import { leaveAddress } from '../../../src/config/hub-file.ts'
import { routes } from '../../../src/http/routes.ts'
import type { RouteOptions } from '../../../src/http/routes.ts'
import { openQueries } from '../../../src/journal/queries/queries.ts'
import { openBench } from '../../journal/fixtures.ts'
import { alert, event, run, step } from '../../journal/nouns.ts'
import { temporaryFolder } from '../../support/hub.ts'
import { OPEN } from '../../http/open.ts'
import { runCommand } from '../../support/terminal.ts'

afterEach(() => vi.unstubAllEnvs())

/** A hub's HTTP API over a journal with a bit of everything, and that journal's folder. */
async function hub(): Promise<{ readonly url: string; readonly data: string }> {
  const { dataDir: data, writer } = openBench()
  const payloads = ['{"n":1}', 'open', Buffer.from([0, 255]), '']
  writer.commit({
    events: [
      ...payloads.map((each, index) => event(index + 1, { payload: Buffer.from(each), topic: `a/${index}` })),
      event(5, {
        topic: 'a/0',
        retain: true,
        origin: 'hub',
        client: null,
        cause: { event: 1, run: 1, depth: 1 },
      }),
    ],
    changes: [
      {
        newRuns: [{ run: run(1, { rule: 'ring' }), steps: [step(1, '0')] }],
        verdicts: [{ rule: 'ring', key: '', event: 2, stage: 'when', reason: 'no', at: 3 }],
        alerts: [alert('nas/disk')],
      },
    ],
  })
  const queries = openQueries(data)
  onTestFinished(() => queries.close())
  const remote = new Proxy(
    {},
    { get: (_, name: keyof typeof queries) => async (query: never) => queries[name](query) },
  )
  const app = routes({
    ...OPEN,
    root: 'vigie',
    intakes: {},
    queries: remote,
    hiddenRoot: 'vigie',
    log: silentLog,
  } as unknown as RouteOptions)
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, data }
}

it.each([
  [['history', '--json']],
  [['history', 'a/+', '--json', '--contains', 'n']],
  [['history', '--json-path', '$.n > 0', '--csv']],
  [['history', '--client', 'c1', '--origin', 'live', '-n', '2']],
  [['topics', '--json']],
  [['runs']],
  [['run', 'show', '1', '--json']],
  [['why', '1', '--json']],
  [['why', 'run:1']],
  [['alert', 'list', '--all', '--json']],
  [['alert', 'show', 'nas/disk']],
  [['retained', 'list', '--json']],
])('tells the same of a hub elsewhere as of its folder: vigie %j', async (argv) => {
  const { url, data } = await hub()
  const here = await runCommand([...argv, '--data', data])
  const elsewhere = await runCommand([...argv, '--hub', `${url}/`])
  expect(here).toMatchObject({ status: 0, error: '' })
  expect(here.out).not.toBe('')
  expect(elsewhere).toEqual(here)
})

it('asks the hub that the environment names, unless a data folder is named', async () => {
  const { url, data } = await hub()
  vi.stubEnv('VIGIE_HUB', url)
  expect((await runCommand(['history', '--json'])).out.split('\n')).toHaveLength(6)
  vi.stubEnv('VIGIE_HUB', 'http://127.0.0.1:9')
  expect((await runCommand(['history', '--json', '--data', data])).out.split('\n')).toHaveLength(6)
})

it.each([
  [['--hub', 'nas:7883'], /"nas:7883" is no address of a hub\. Write --hub http:\/\/nas:7883/],
  [['--hub', 'http://a:b@nas'], /holds no user or password/],
  [['--hub', 'http://127.0.0.1:9', '--data', 'x'], /either by its address \(--hub\) or by its data folder/],
  [
    ['--hub', 'mqtt://nas'],
    /is an address for MQTT, and this command asks over HTTP\. Write --hub http:\/\/nas:7883/,
  ],
  [['--hub', 'http://no-such-host.invalid'], /the name no-such-host\.invalid is not known/],
])('says what is wrong with %j', async (options, sentence) => {
  const { status, error } = await runCommand(['history', ...options])
  expect(error).toMatch(sentence)
  expect(status).toBe(1)
})

it('says that a hub does not speak TLS there', async () => {
  const { url } = await hub()
  const { error } = await runCommand(['runs', '--hub', url.replace('http', 'https')])
  expect(error).toMatch(/does not speak TLS there\. Write http:\/\/ in place of https:\/\//)
})

/** What a server that always says the same is told by its first request. */
async function saysAlways(
  answer: string,
): Promise<{ readonly url: string; readonly asked: Promise<string> }> {
  const { promise: asked, resolve } = Promise.withResolvers<string>()
  const server = createServer((socket) => {
    socket.once('data', (request) => {
      resolve(request.toString())
      socket.end(answer)
    })
  })
  onTestFinished(() => void server.close())
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

it('gives the token to the hub, and tells one that is missing from one that is wrong', async () => {
  const refusal = 'HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n'
  const first = await saysAlways(refusal)
  expect((await runCommand(['status', '--hub', first.url])).error).toMatch(
    /asks for a token\. "vigie token add NAME" makes one there; give it with VIGIE_TOKEN/,
  )
  const second = await saysAlways(refusal)
  const { error } = await runCommand(['status', '--hub', second.url, '--token', 's3cret'])
  expect(error).toMatch(/does not accept the token/)
  expect(error).not.toContain('s3cret')
  expect(await second.asked).toMatch(/^authorization: Bearer s3cret\r$/im)
})

it('shows the token to a hub here only when that asks for one', async () => {
  const shown: (string | undefined)[] = []
  const server = createHttp((request, response) => {
    const { authorization } = request.headers
    shown.push(authorization)
    response.writeHead(authorization === undefined ? 401 : 409).end('{"error": "Understood."}')
  })
  onTestFinished(() => void server.close())
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const data = temporaryFolder()
  const { port } = server.address() as AddressInfo
  leaveAddress(data, { pid: process.pid, http: `http://127.0.0.1:${port}`, mqtt: null })
  const { error } = await runCommand(['status', '--data', data, '--token', 'vigie_x'])
  expect(error).toContain('Understood.')
  expect(shown).toEqual([undefined, 'Bearer vigie_x'])
})

it.each(['', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{'])(
  'says of a hub that begins with %j, and then is silent, that it is busy',
  async (beginning) => {
    const silent = createServer((socket) => socket.write(beginning))
    const sockets = new Set<Socket>()
    silent.on('connection', (socket) => sockets.add(socket))
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy()
      silent.close()
    })
    await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening))
    const { port } = silent.address() as AddressInfo
    const data = temporaryFolder()
    leaveAddress(data, { pid: process.pid, http: `http://127.0.0.1:${port}`, mqtt: null })
    const timeout = AbortSignal.timeout.bind(AbortSignal)
    vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => timeout(100))
    onTestFinished(() => void vi.restoreAllMocks())
    const { status, error } = await runCommand(['status', '--data', data])
    expect(error).toBe(
      `vigie: The hub on ${data} has not answered within 10s. It runs, and is busy or stopped: try again, ` +
        'or look at its log and at the load of this machine.\n',
    )
    expect(status).toBe(1)
  },
)

it('says of a server that is no hub that it is none', async () => {
  const { url } = await saysAlways('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n<html>')
  expect((await runCommand(['status', '--hub', url])).error).toMatch(
    /answers with something else than JSON\. Is it a hub of vigie\?/,
  )
})

it('follows no redirection, which could carry the token away', async () => {
  const { url } = await saysAlways(
    'HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/\r\nconnection: close\r\n\r\n',
  )
  expect((await runCommand(['runs', '--hub', url])).error).toMatch(
    /answers with a redirection \(status 302\)/,
  )
})

it('says that nothing listens there', async () => {
  const server = createServer()
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  await new Promise((closed) => server.close(closed))
  const { error } = await runCommand(['runs', '--hub', `http://127.0.0.1:${port}`])
  expect(error).toBe(
    `vigie: The hub at http://127.0.0.1:${port} cannot be reached: nothing listens there. ` +
      'Is it running, with this "http" address?\n',
  )
})
