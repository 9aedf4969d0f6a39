// Covers `src/http/answer.ts`, `src/http/guards.ts`, `src/http/params.ts`, `src/http/routes.ts`,
// `src/http/route.ts`, `src/http/serve.ts`, `src/http/api/alerts.ts`, `src/http/api/commands.ts`,
// `src/http/api/events.ts`, `src/http/api/nouns.ts`, `src/http/api/retained.ts`, `src/http/api/runs.ts`,
// `src/http/api/status.ts`, `src/model/health.ts`.

import { Server, connect } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { createHttpServer, type HttpOptions } from '../../src/http/server.ts'
import { describedRoutes } from './described.ts'
import { OPEN } from './open.ts'
import { CONDITIONS, type Conditions, healthOf } from '../../src/model/health.ts'
import type { Event } from '../../src/model/event.ts'
import type { HistoryPage, HistoryPageQuery, RetainedQuery } from '../../src/model/queries.ts'
import { pauseReport } from '../../src/model/rule-pause.ts'
import { rulePause } from '../journal/nouns.ts'
import { FRAGILE_JSON } from '../support/payloads.ts'

const EVENT: Event = {
  id: 7,
  at: Date.UTC(2026, 0, 2, 3, 4, 5),
  topic: 'a/b',
  payload: Buffer.from('{"on":true}'),
  qos: 1,
  retain: false,
  origin: 'live',
  client: 'lamp',
  properties: null,
  cause: null,
  recorded: true,
}

const pageOf = (event: Event): HistoryPage => ({ events: [event], reached: event.id, isAll: true })

/** The commands about alerts that were given. */
const commanded: unknown[] = []
/** The commands that were given. */
const ordered: unknown[] = []
const rerun: unknown[] = []
const PAUSE = pauseReport(rulePause('a/b'))

const changes: Pick<
  HttpOptions,
  'changeRun' | 'rerun' | 'command' | 'commandAlert' | 'commandRule' | 'clearRetained' | 'kick'
> = {
  changeRun: async (id, change) => {
    if (change === 'cancel') return { ok: false, reason: `There is no run ${id}.` }
    return id === 3 ? { ok: true } : { ok: false, reason: `Run ${id} is done.` }
  },
  rerun: async (id, order) => {
    rerun.push([id, order])
    return id === 3 ? { ok: true, run: 9 } : { ok: false, reason: `Run ${id} is under way.` }
  },
  command: async (name, verb, order) => {
    ordered.push([name, verb, order])
    return 40 + ordered.length
  },
  commandAlert: async (key, change, order) => {
    commanded.push([key, change, order])
    if (key === 'nobody') return { event: 5, answer: null }
    if (key !== 'nas/sda') return { event: 5, answer: { ok: false, reason: 'there is no open alert' } }
    return { event: 5, answer: { ok: true, alert: { state: 'acknowledged', acknowledgedBy: 'anna' } } }
  },
  commandRule: async (rule, change, order) => {
    commanded.push([rule, change, order])
    if (rule === 'nobody') return { event: 6, answer: null }
    if (change === 'resume') return { event: 6, answer: { ok: false, reason: 'it is not paused' } }
    return { event: 6, answer: { ok: true, pause: PAUSE } }
  },
  clearRetained: async ({ upTo }) => ({ cleared: upTo, isAll: true }),
  kick: async (client) => (client === 'a/b' ? 12 : undefined),
}

const optionsWith = (
  queries: Partial<HttpOptions['queries']> = {},
  conditions: Partial<Conditions> = {},
): HttpOptions => ({
  ...OPEN,
  queries: queries as HttpOptions['queries'],
  page: { observe: () => {}, isRetained: () => false },
  hiddenRoot: 'vigie',
  status: async () => ({ version: '1.2.3' }) as Awaited<ReturnType<HttpOptions['status']>>,
  processes: async () => ({ watches: [], zombies: [] }),
  health: () => healthOf({ journal: null, rules: null, engine: null, ...conditions }),
  ...changes,
  backtest: async () => ({ kind: 'busy' }),
  explain: async () => ({ failures: [], explanations: [] }),
  root: 'vigie',
  hosts: ['hub.example'],
  sessionOf: () => undefined,
  publish: async () => 1,
  packetBytes: 1_000,
  rules: async () => [],
  sourceOf: async () => null,
  onCommit: () => () => {},
  committedId: () => 0,
  clock: systemClock,
  live: { streams: 0, cutOff: 0 },
  intakes: {},
  reveal: () => 'a secret',
  log: silentLog,
})

const appWith = (...given: Parameters<typeof optionsWith>) => describedRoutes(optionsWith(...given))

const get = (app: ReturnType<typeof appWith>, path: string, host = '127.0.0.1:7883') =>
  app.request(`http://${host}${path}`)

it('is well when all conditions hold', async () => {
  const well = await get(appWith(), '/healthz')
  expect([well.status, await well.json()]).toEqual([
    200,
    { ok: true, conditions: { journal: null, rules: null, engine: null } },
  ])
})

it.each(CONDITIONS)('is not well when the condition "%s" does not hold, and says why', async (name) => {
  const ill = await get(appWith({}, { [name]: 'The disk is full.' }), '/healthz')
  expect([ill.status, await ill.json()]).toEqual([
    503,
    {
      ok: false,
      conditions: { journal: null, rules: null, engine: null, [name]: 'The disk is full.' },
    },
  ])
})

it('hands the parameters of a page of history on as numbers', async () => {
  let asked: HistoryPageQuery | undefined
  const app = appWith({
    historyPage: async (query) => ((asked = query), { events: [EVENT], reached: 7, isAll: false }),
  })
  const answer = await get(app, '/api/events?filter=a/%23&since=2026-01-01T00:00:00Z&before=9&limit=5')
  expect(asked).toEqual({
    filter: 'a/#',
    since: Date.UTC(2026, 0, 1),
    before: 9,
    limit: 5,
    bytes: 4 * 2 ** 20,
    looks: 50_000,
  })
  expect(answer.headers.get('link')).toBe(
    '</api/events?filter=a%2F%23&since=2026-01-01T00%3A00%3A00Z&before=7&limit=5>; rel="next"',
  )
  expect(await answer.json()).toEqual([
    {
      id: 7,
      at: '2026-01-02T03:04:05.000Z',
      topic: 'a/b',
      payload: { on: true },
      encoding: 'json',
      qos: 1,
      retain: false,
      origin: 'live',
      client: 'lamp',
    },
  ])
})

it.each(FRAGILE_JSON)('gives the payload %s as it came', async (text) => {
  const event = { ...EVENT, payload: Buffer.from(text) }
  const queries = { historyPage: async () => pageOf(event), event: async () => event }
  const app = appWith({ ...queries, verdictsOf: async () => [], runsOf: async () => [] })
  for (const path of ['/api/events', '/api/events/7'])
    expect(await (await get(app, path)).text()).toContain(`"payload":${text},`)
})

it('lists what is retained as it came, and asks for no more than a page', async () => {
  let asked: RetainedQuery | undefined
  const message = {
    topic: 'a/b',
    event: 7,
    at: 0,
    payload: Buffer.from('1.50'),
    qos: 1,
    properties: null,
  } as const
  const app = appWith({ retained: async (query) => ((asked = query), [message]) })
  expect(await (await get(app, '/api/retained?filter=a/%23&after=a/a')).text()).toBe(
    '[{"topic":"a/b","payload":1.50,"encoding":"json","qos":1,"at":"1970-01-01T00:00:00.000Z","event":7}]',
  )
  expect(asked).toEqual({ filter: 'a/#', after: 'a/a', limit: 100, bytes: 4 * 2 ** 20, hiddenRoot: 'vigie' })
})

it('escapes in JSON what a terminal would obey', async () => {
  const payload = Buffer.from('"\u009b2J\u202egnp\u200f"')
  const answer = await get(appWith({ historyPage: async () => pageOf({ ...EVENT, payload }) }), '/api/events')
  const text = await answer.text()
  expect(text).toContain(String.raw`"payload":"\u009b2J\u202egnp\u200f"`)
  expect(JSON.parse(text)).toMatchObject([{ payload: '\u009b2J\u202egnp\u200f' }])
  expect(answer.headers.get('content-type')).toContain('application/json')
})

it.each([
  ['/api/events?limit=0', 'limit'],
  ['/api/events?limit=1000000', 'limit'],
  ['/api/events?since=yesterday', 'is no moment; write an age such as 90m'],
  ['/api/events?since=5', 'is a number without a unit'],
  ['/api/events?until=2026-02-30', 'is no moment'],
  ['/api/runs?since=12', 'is a number without a unit'],
  ['/api/events?colour=red', 'colour'],
  ['/api/runs?state=asleep', 'state'],
  ['/api/events/x', 'is not a number'],
  ['/api/retained?filter=a%23', 'must stand alone'],
  ['/api/retained?limit=0', 'limit'],
  ['/api/retained/count?after=a', 'after'],
])('answers %s with 400 and a sentence', async (path, sentence) => {
  const answer = await get(appWith(), path)
  expect(answer.status).toBe(400)
  expect(((await answer.json()) as { error: string }).error).toContain(sentence)
})

it('gives an event with what the rules made of it', async () => {
  const app = appWith({ event: async () => EVENT, verdictsOf: async () => [], runsOf: async () => [] })
  expect(await (await get(app, '/api/events/7')).json()).toMatchObject({ id: 7, verdicts: [], runs: [] })
  const none = appWith({ event: async () => undefined })
  expect((await get(none, '/api/events/8')).status).toBe(404)
})

it('refuses a name that is not an address, so that no web page can reach it by a name of its own', async () => {
  expect((await get(appWith(), '/healthz', 'evil.example')).status).toBe(403)
  expect((await get(appWith(), '/healthz', '[::1]:7883')).status).toBe(200)
  expect((await get(appWith(), '/healthz', 'localhost:7883')).status).toBe(200)
})

it('is asked by a name that the configuration lists, and no other', async () => {
  expect((await get(appWith(), '/healthz', 'hub.example:7883')).status).toBe(200)
  const other = await get(appWith(), '/healthz', 'x.hub.example')
  expect(await other.json()).toEqual({
    error: 'The hub is not called x.hub.example; use its address, or list the name in http.hosts.',
  })
})

it.each(['/healthz', '/api', '/api/openapi.json', '/nothing', '/api/events?limit=0'])(
  'keeps browsers from doing more with %s than they need to',
  async (path) => {
    const { headers } = await get(appWith(), path)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('x-frame-options')).toBe('DENY')
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'/)
  },
)

it('is ready when it keeps its promise and an engine is in charge', async () => {
  const ask = async (state: string, conditions: Partial<Conditions> = {}) => {
    const options = {
      ...optionsWith({}, conditions),
      status: async () => ({ engine: { state } }) as Awaited<ReturnType<HttpOptions['status']>>,
    }
    const answer = await get(describedRoutes(options), '/readyz')
    return [answer.status, await answer.json()]
  }
  expect(await ask('running')).toEqual([200, { ready: true, reasons: [] }])
  const waiting = 'No engine is in charge: it is waiting.'
  expect(await ask('waiting')).toEqual([503, { ready: false, reasons: [waiting] }])
  expect(await ask('running', { journal: 'The disk is full.' })).toEqual([
    503,
    { ready: false, reasons: ['The disk is full.'] },
  ])
})

it('does not show what went wrong inside, but says that something did', async () => {
  const app = appWith({ runs: () => Promise.reject(new Error('secret detail')) })
  const answer = await get(app, '/api/runs')
  expect([answer.status, await answer.json()]).toEqual([
    500,
    { error: 'The hub could not answer; its log says why.' },
  ])
})

describe('a change', () => {
  const post = (
    path: string,
    headers: Record<string, string> = {},
    remoteAddress = '127.0.0.1',
    body?: object,
  ) =>
    appWith().request(
      `http://127.0.0.1:7883${path}`,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        ...(body && { body: JSON.stringify(body) }),
      },
      { incoming: { socket: { remoteAddress } } },
    )

  it('of a run is made, or refused with the reason', async () => {
    const done = await post('/api/runs/3/retry')
    expect([done.status, await done.json()]).toEqual([200, { ok: true }])
    const refused = await post('/api/runs/4/retry')
    expect([refused.status, await refused.json()]).toEqual([409, { error: 'Run 4 is done.' }])
    expect((await post('/api/runs/9/cancel')).status).toBe(409)
    expect((await post('/api/runs/x/cancel')).status).toBe(400)
  })

  it('of a run that is run again names the new run, and takes another payload', async () => {
    const done = await post('/api/runs/3/rerun', {}, undefined, { from: '1', input: { n: 1 }, by: 'anna' })
    expect([done.status, await done.json()]).toEqual([200, { run: 9 }])
    const refused = await post('/api/runs/4/rerun', {}, undefined, { input: 'as it is' })
    expect([refused.status, await refused.json()]).toEqual([409, { error: 'Run 4 is under way.' }])
    expect(rerun).toEqual([
      [3, { from: '1', input: '{"n":1}', by: 'anna' }],
      [4, { from: '0', input: 'as it is' }],
    ])
    expect((await post('/api/runs/3/rerun', {}, undefined, { input: 'x'.repeat(300_000) })).status).toBe(413)
    expect((await post('/api/runs/3/rerun', {}, undefined, { form: '1' })).status).toBe(400)
  })

  it('of several runs is made one after the other, and tells what was refused', async () => {
    const change = (body: object) =>
      appWith().request(
        'http://127.0.0.1:7883/api/runs/change',
        {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        },
        { incoming: { socket: { remoteAddress: '127.0.0.1' } } },
      )
    const made = await change({ change: 'retry', ids: [3, 4, 3] })
    expect([made.status, await made.json()]).toEqual([
      200,
      { changed: 1, refused: [{ id: 4, reason: 'Run 4 is done.' }] },
    ])
    for (const body of [{}, { change: 'retry', ids: [] }, { change: 'end', ids: [1] }])
      expect((await change(body)).status).toBe(400)
  })

  it('of what is retained needs a filter and the last event that counts', async () => {
    const done = await post('/api/retained/clear?filter=vigie/alerts/%23&upTo=12')
    expect([done.status, await done.json()]).toEqual([200, { cleared: 12, isAll: true }])
    for (const query of ['', '?filter=a', '?filter=a%23&upTo=1', '?filter=a&upTo=x'])
      expect((await post(`/api/retained/clear${query}`)).status).toBe(400)
    const stranger = { origin: 'http://evil.example' }
    expect((await post('/api/retained/clear?filter=a&upTo=1', stranger)).status).toBe(403)
  })

  it('of processes is a command of the rules, by a name that they can have', async () => {
    const made = await post('/api/commands/runaway/kill')
    expect([made.status, await made.json()]).toEqual([202, { event: 41 }])
    expect(ordered).toEqual([['runaway', 'kill', {}]])
    expect((await post('/api/commands/runaway/reboot')).status).toBe(404)
    expect((await post('/api/commands/a%2Fb/kill')).status).toBe(404)
    expect((await post('/api/commands/%23/kill')).status).toBe(404)
    expect((await post('/api/commands/runaway/kill', { origin: 'http://evil.example' })).status).toBe(403)
    expect(ordered).toHaveLength(1)
  })

  it('of an alert is a command, and is answered with what came of it', async () => {
    const made = await post('/api/alerts/ack?key=nas%2Fsda')
    expect([made.status, await made.json()]).toEqual([
      200,
      { event: 5, ok: true, alert: { state: 'acknowledged', acknowledgedBy: 'anna' } },
    ])
    expect(commanded).toEqual([['nas/sda', 'ack', {}]])
    const refused = await post('/api/alerts/resolve?key=nas')
    expect([refused.status, await refused.json()]).toEqual([
      409,
      { error: 'The hub refused: there is no open alert.' },
    ])
    expect((await post('/api/alerts/unack?key=nobody')).status).toBe(503)
    expect((await post('/api/alerts/silence')).status).toBe(400)
    expect((await post('/api/alerts/raise?key=nas')).status).toBe(404)
    expect((await post('/api/alerts/ack?key=nas', { origin: 'http://evil.example' })).status).toBe(403)
    expect((await post('/api/alerts/ack?key=nas', {}, '192.0.2.7')).status).toBe(401)
    expect(commanded).toHaveLength(3)
  })

  it('of a rule is a command, and is answered with what came of it', async () => {
    commanded.length = 0
    const paused = await post('/api/rules/a%2Fb/pause', {}, undefined, { reason: 'work' })
    expect([paused.status, await paused.json()]).toEqual([200, { event: 6, pause: PAUSE }])
    expect(commanded).toEqual([['a/b', 'pause', { reason: 'work' }]])
    const refused = await post('/api/rules/door/resume')
    expect([refused.status, await refused.json()]).toEqual([
      409,
      { error: 'The hub refused: it is not paused.' },
    ])
    expect((await post('/api/rules/nobody/resume')).status).toBe(503)
    expect((await post('/api/rules/door/pause')).status).toBe(400)
    expect((await post('/api/rules/door/resume', { origin: 'http://evil.example' })).status).toBe(403)
    expect((await post('/api/rules/door/resume', {}, '192.0.2.7')).status).toBe(401)
    expect(commanded).toHaveLength(3)
  })

  it('is not made for a web page of another origin, for somebody elsewhere, or for a form', async () => {
    expect((await post('/api/runs/3/retry', { origin: 'http://evil.example' })).status).toBe(403)
    expect((await post('/api/runs/3/retry', { origin: 'http://127.0.0.1:7883' })).status).toBe(200)
    expect((await post('/api/runs/3/retry', {}, '192.0.2.7')).status).toBe(401)
    expect((await post('/api/runs/3/retry', {}, '::ffff:127.0.0.1')).status).toBe(200)
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    expect((await post('/api/runs/3/retry', form)).status).toBe(415)
  })
})

it('goes on when it cannot take a connection, however often, and does not begin on a port that is taken', async () => {
  const listen = vi.spyOn(Server.prototype, 'listen')
  const http = createHttpServer(optionsWith())
  onTestFinished(() => http.stop())
  onTestFinished(() => listen.mockRestore())
  const { host, port } = await http.listen({ host: '127.0.0.1', port: 0 })
  const [server] = listen.mock.contexts as Server[]
  for (let times = 0; times < 3; times++) server!.emit('error', new Error('accept EMFILE'))
  expect((await fetch(`http://${host}:${port}/healthz`)).status).toBe(200)
  await expect(createHttpServer(optionsWith()).listen({ host, port })).rejects.toThrow('EADDRINUSE')
})

it('answers a request of HTTP/1.0, which names no host, even when that is the first', async () => {
  const http = createHttpServer(optionsWith())
  onTestFinished(() => http.stop())
  const { host, port } = await http.listen({ host: '127.0.0.1', port: 0 })
  const socket = connect({ host, port }).setEncoding('utf8')
  socket.end('GET /healthz HTTP/1.0\r\n\r\n')
  let answer = ''
  for await (const text of socket) answer += String(text)
  expect(answer).toMatch(/^HTTP\/1\.1 200 /)
})
