// Callers over HTTP, from the files of users and tokens to the answer: with the doors and the broker of a
// hub.
//
// Covers `src/http/caller.ts`, `src/http/seen.ts`, `src/http/callers/admit.ts`,
// `src/http/callers/origins.ts`, `src/http/api/session.ts`, `src/http/api/questions.ts`.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { Access } from '../../../src/access/access.ts'
import { hashPassword } from '../../../src/access/passwords.ts'
import type { Permission } from '../../../src/access/permissions.ts'
import { hashOfToken, newToken, type TokenRecord, tokensFileOf } from '../../../src/access/tokens-file.ts'
import { Tokens } from '../../../src/access/tokens.ts'
import type { UserRecord } from '../../../src/access/users-file.ts'
import { systemClock } from '../../../src/base/clock.ts'
import { silentLog } from '../../../src/base/log.ts'
import { createHttpServer, type HttpOptions } from '../../../src/http/server.ts'
import { resources } from '../../../src/http/routes.ts'
import type { Pass } from '../../../src/model/access.ts'
import type { Event } from '../../../src/model/event.ts'
import type { TopicStatus } from '../../../src/model/queries.ts'
import type { RetainedMessage } from '../../../src/model/store.ts'
import type { EventNode } from '../../../src/model/story.ts'
import { event, run } from '../../journal/nouns.ts'
import { startTestBroker } from '../../broker/test-broker.ts'
import { temporaryFolder } from '../../support/hub.ts'
import { OPEN } from '../open.ts'

async function hubOfThisMachine(permissions?: readonly Permission[]) {
  const file = join(temporaryFolder(), 'users.json')
  const permit = (list?: readonly Permission[]): void =>
    writeFileSync(file, JSON.stringify({ users: {}, permissions: list }), { mode: 0o600 })
  permit(permissions)
  const { broker } = await startTestBroker()
  const access = new Access({ file, root: 'vigie', clock: systemClock, log: silentLog })
  const published: string[] = []
  const http = createHttpServer({
    ...OPEN,
    door: access.door({ local: true, anonymous: true, userFromCertificate: false }),
    mayPublish: (pass, topic, responseTopic) => broker.mayPublish(pass, topic, responseTopic),
    publish: async ({ topic }) => published.push(topic),
    root: 'vigie',
    packetBytes: 1_000,
    log: silentLog,
  } as Partial<HttpOptions> as HttpOptions)
  onTestFinished(() => http.stop())
  const { port } = await http.listen({ host: '127.0.0.1', port: 0 })
  return {
    published,
    denied: () => broker.stats().dropped.denied,
    change: (list?: readonly Permission[]): void => {
      permit(list)
      access.reload()
    },
    post: async (path: string) => {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: 'on' })
      return { status: answer.status, error: ((await answer.json()) as { error?: string }).error }
    },
  }
}

const NOT_ALLOWED = 'Without a user name, the permissions do not allow publishing to'

describe('who publishes from this machine', () => {
  it('may publish everywhere while there is no list of permissions, and give commands', async () => {
    const { post, published } = await hubOfThisMachine()
    for (const path of ['/publish/house/lamp', '/publish/vigie/commands/x/kill', '/task/backup/ok'])
      expect((await post(path)).error).toBeUndefined()
    expect(published).toEqual(['house/lamp', 'vigie/commands/x/kill', 'tasks/backup/ok'])
  })

  it('may publish what the list allows those without a user name, and nothing else', async () => {
    const { post, published, denied } = await hubOfThisMachine([
      { anonymous: true, publish: ['house/#', 'tasks/+/ok'] },
      { users: ['bob'], publish: ['#', 'vigie/commands/#'] },
      { deny: { publish: ['house/door'] } },
    ])
    expect((await post('/publish/house/lamp')).status).toBe(202)
    expect((await post('/task/backup/ok')).status).toBe(200)
    for (const [path, topic] of [
      ['/publish/house/door', 'house/door'],
      ['/publish/garage', 'garage'],
      ['/publish/vigie/commands/x/kill', 'vigie/commands/x/kill'],
      ['/task/backup/fail', 'tasks/backup/fail'],
    ])
      expect(await post(path!)).toEqual({ status: 403, error: `${NOT_ALLOWED} "${topic}".` })
    expect(published).toEqual(['house/lamp', 'tasks/backup/ok'])
    expect(denied()).toBe(4)
  })

  it('names for an answer only a topic on which it may receive or publish', async () => {
    const { post, published } = await hubOfThisMachine([{ publish: ['house/#'], receive: ['answers/#'] }])
    expect((await post('/publish/house/lamp?response-topic=answers/1')).status).toBe(202)
    expect((await post('/publish/house/lamp?response-topic=house/1')).status).toBe(202)
    expect(await post('/publish/house/lamp?response-topic=garage')).toEqual({
      status: 403,
      error: `${NOT_ALLOWED} "house/lamp" with an answer on "garage".`,
    })
    expect(published).toHaveLength(2)
  })

  it('goes by the permissions as they are at each request', async () => {
    const { post, change } = await hubOfThisMachine()
    expect((await post('/publish/a')).status).toBe(202)
    change([{ publish: ['b'] }])
    expect((await post('/publish/a')).status).toBe(403)
    expect((await post('/publish/b')).status).toBe(202)
  })
})

/** Users, their passwords and tokens; hashing a password takes a while. */
let records: Record<'anna' | 'bob', UserRecord>
beforeAll(async () => {
  records = { anna: await hashPassword('right', false), bob: await hashPassword('better', false) }
})

const EVENTS = ['house/lamp', 'safe/code', 'vigie/clients/lamp'].map((topic, index) =>
  event(index + 1, { topic, payload: Buffer.from('"x"') }),
)
const STATUSES: TopicStatus[] = EVENTS.map((last) => ({ topic: last.topic, events: 1, last, retained: true }))
const RETAINED: RetainedMessage[] = EVENTS.map(({ id, topic, payload }) => ({
  topic,
  payload,
  event: id,
  at: 0,
  qos: 1,
  properties: null,
}))
const nodeOf = (each: Event, children: EventNode[] = []): EventNode => ({
  kind: 'event',
  event: each,
  isWhole: true,
  isSubject: false,
  skips: [],
  omitted: 0,
  children,
})
/** One row a page, so that all that pages of messages are held to happens. */
const nextOf = <T extends { topic: string }>(rows: readonly T[], after = ''): T[] =>
  rows.filter(({ topic }) => topic > after).slice(0, 1)

const queries = {
  historyPage: async ({ contains, before = 9 }: { contains?: string; before?: number }) =>
    contains !== undefined && before > 2
      ? { events: [EVENTS[1]], reached: 2, isAll: false }
      : { events: contains === undefined ? [...EVENTS].toReversed() : [], reached: 1, isAll: true },
  event: async (id: number) => EVENTS[id - 1],
  verdictsOf: async () => [],
  runsOf: async () => [run(7, { event: 1 })],
  topics: async ({ after }: { after?: string }) => {
    const topics = nextOf(STATUSES, after)
    return { topics, isAll: topics.at(-1) === STATUSES.at(-1) }
  },
  retained: async ({ after }: { after?: string }) => nextOf(RETAINED, after),
  countRetained: async () => ({ count: 3, upTo: 3 }),
  histogram: async () => ({ from: 0, stepMs: 1, counts: [] }),
  story: async ({ id }: { id: number }) => ({
    root: id === 1 ? nodeOf(EVENTS[0]!) : nodeOf(EVENTS[0]!, [nodeOf(EVENTS[1]!)]),
    lostCause: null,
  }),
  runs: async () => [],
  silences: async () => [],
}

interface HubOptions {
  readonly permissions?: readonly Permission[]
  readonly anonymous?: boolean
  /** Tokens by their names. */
  readonly tokens?: Readonly<Record<string, Omit<TokenRecord, 'sha256' | 'createdAt'>>>
}

/** What a test asks with; by default from another machine, as a proxy tells it. */
interface Asking {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: object | string
  readonly here?: boolean
}

async function hub({ permissions, anonymous, tokens = {} }: HubOptions = {}) {
  const folder = temporaryFolder()
  const users = join(folder, 'users.json')
  const write = (list = permissions, known: Partial<typeof records> = records): void =>
    writeFileSync(users, JSON.stringify({ users: known, permissions: list }), { mode: 0o600 })
  write()
  const secrets: Record<string, string> = {}
  const written = Object.entries(tokens).map(([name, record]) => {
    const token = (secrets[name] = newToken())
    const sha256 = hashOfToken(token).toString('base64')
    return [name, { sha256, createdAt: new Date().toISOString(), ...record }]
  })
  writeFileSync(join(folder, 'tokens.json'), JSON.stringify({ tokens: Object.fromEntries(written) }), {
    mode: 0o600,
  })
  const { broker } = await startTestBroker()
  const access = new Access({ file: users, root: 'vigie', clock: systemClock, log: silentLog })
  const known = new Tokens({
    file: tokensFileOf(users),
    clock: systemClock,
    log: silentLog,
    passOf: (user) => access.passOf(user),
  })
  const done: unknown[] = []
  const live = { streams: 0, cutOff: 0 }
  const http = createHttpServer({
    queries,
    hiddenRoot: 'vigie',
    door: access.door({ local: true, anonymous: true, userFromCertificate: false }),
    users: access.door({ local: false, anonymous: false, userFromCertificate: false }),
    tokens: known,
    anonymous,
    mayPublish: (pass: Pass, topic: string, answer?: string) => broker.mayPublish(pass, topic, answer),
    publish: async ({ topic }: { topic: string }) => done.push(topic),
    kick: async (client: string, by: string) => done.push([client, by]),
    commandAlert: async (...all: unknown[]) => (
      done.push(all),
      { event: 1, answer: { ok: true, alert: {} } }
    ),
    changeRun: async (id: number) => (done.push(id), { ok: true }),
    committedId: () => 0,
    onCommit: () => () => {},
    live,
    root: 'vigie',
    packetBytes: 1_000,
    clock: systemClock,
    page: { observe: () => {}, isRetained: () => false },
    log: silentLog,
  } as unknown as HttpOptions)
  onTestFinished(() => http.stop())
  const { port } = await http.listen({ host: '127.0.0.1', port: 0 })
  const ask = async (path: string, { method, headers, body, here = false }: Asking = {}) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: {
        ...(!here && { 'x-forwarded-for': '192.0.2.7' }),
        ...(typeof body === 'object' && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const said = (await answer.json()) as never
    return { status: answer.status, headers: answer.headers, said }
  }
  return {
    ask,
    done,
    live,
    write,
    access,
    origin: `http://127.0.0.1:${port}`,
    token: (name: string) => secrets[name]!,
  }
}

const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
})
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const ANNA = basic('anna', 'right')
const BOB = basic('bob', 'better')

describe('who asks from another machine', () => {
  it('is asked for a password or a token, also by way of a proxy on this machine', async () => {
    const { ask } = await hub()
    const asked = await ask('/api/events')
    expect(asked.status).toBe(401)
    expect(asked.headers.get('www-authenticate')).toBe(
      'Basic realm="vigie", charset="UTF-8", Bearer realm="vigie"',
    )
    for (const header of ['forwarded', 'x-real-ip', 'via', 'x-forwarded-proto', 'cf-connecting-ip'])
      expect((await ask('/api/events', { here: true, headers: { [header]: 'for=192.0.2.7' } })).status).toBe(
        401,
      )
    expect((await ask('/api/events', { here: true })).status).toBe(200)
    for (const path of ['/healthz', '/api/openapi.json'])
      expect((await ask(path).catch(() => ({ status: 500 }))).status).not.toBe(401)
  })

  it('is not asked by the dialog of a browser, which would stand in front of the login of the page', async () => {
    const { ask } = await hub()
    const headers = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64)' }
    expect((await ask('/api/events', { headers })).headers.get('www-authenticate')).toBe(
      'Bearer realm="vigie"',
    )
  })

  it('gets in with the right password or token, and not with a wrong one', async () => {
    const { ask, token } = await hub({ tokens: { laptop: { scopes: ['read'] } } })
    for (const headers of [ANNA, bearer(token('laptop'))])
      expect((await ask('/api/events', { headers })).status).toBe(200)
    for (const headers of [basic('anna', 'wrong'), basic('nobody', 'right')])
      expect(await ask('/api/events', { headers })).toMatchObject({
        status: 401,
        said: { error: 'The user name or the password is wrong.' },
      })
    for (const headers of [bearer(newToken()), bearer('x')])
      expect(await ask('/api/events', { headers })).toMatchObject({
        status: 401,
        said: { error: 'The token is not known, or has expired.' },
      })
    for (const authorization of ['Digest x', 'Basic', 'nonsense'])
      expect((await ask('/api/events', { headers: { authorization } })).status).toBe(401)
  })

  it('is refused unchecked after too many wrong passwords at one time', async () => {
    const { ask } = await hub()
    const guesses = Array.from({ length: 12 }, (_, index) =>
      ask('/api/events', { headers: basic('anna', `guess ${index}`) }),
    )
    const answered = await Promise.race(
      guesses.map(async (guess) => {
        const { status, headers } = await guess
        return status === 429 ? headers.get('retry-after') : new Promise<never>(() => {})
      }),
    )
    expect(answered).toBe('5')
  })

  it('is asked on this machine, too, where the configuration says so', async () => {
    const { ask } = await hub({ anonymous: false })
    expect((await ask('/api/events', { here: true })).status).toBe(401)
    expect((await ask('/publish/a', { here: true, body: 'x' })).status).toBe(401)
    expect((await ask('/api/events', { here: true, headers: ANNA })).status).toBe(200)
  })

  it('holds no stream open by asking for its head', async () => {
    const { origin, live } = await hub()
    for (const path of ['/api/events/live', '/api/live'])
      for (let times = 0; times < 40; times++)
        expect((await fetch(origin + path, { method: 'HEAD' })).status).toBe(200)
    expect(live.streams).toBe(0)
    const page = await fetch(`${origin}/api/live`)
    const { value } = await page.body!.getReader().read()
    expect(new TextDecoder().decode(value)).toContain('event: hello')
  })

  it('reads and changes nothing where everybody may ask', async () => {
    const { ask, done } = await hub({ anonymous: true })
    expect((await ask('/api/events')).said).toHaveLength(3)
    for (const path of ['/publish/a', '/task/backup/ok', '/api/runs/3/retry', '/api/clients/lamp/kick'])
      expect((await ask(path, { body: {} })).status).toBe(403)
    expect(done).toEqual([])
  })

  it('reads what the permissions allow clients without a user name, where everybody may ask', async () => {
    const permissions = [{ anonymous: true, receive: ['house/#'] }] as const
    const { ask } = await hub({ anonymous: true, permissions })
    expect((await ask('/api/events')).said).toMatchObject([{ topic: 'house/lamp' }])
    expect((await ask('/api/runs')).status).toBe(403)
  })
})

describe('what a user reads', () => {
  const permissions: Permission[] = [
    { users: ['anna'], receive: ['house/#'] },
    { users: ['bob'], receive: ['#', 'vigie/#'] },
    { deny: { receive: ['safe/#'] } },
  ]

  it('is every message that MQTT would bring, and no other', async () => {
    const { ask } = await hub({ permissions })
    const question = (name: string, query: unknown) =>
      ask(`/api/questions/${name}`, { headers: ANNA, body: { query } })
    const seen = { topic: 'house/lamp' }
    expect((await ask('/api/events', { headers: ANNA })).said).toMatchObject([seen])
    expect((await ask('/api/topics', { headers: ANNA })).said).toMatchObject([seen])
    expect((await ask('/api/topics?after=house/lamp', { headers: ANNA })).said).toEqual([])
    expect((await ask('/api/retained', { headers: ANNA })).said).toMatchObject([seen])
    expect((await ask('/api/retained?after=house/lamp', { headers: ANNA })).said).toEqual([])
    expect((await question('historyPage', { limit: 9 })).said).toMatchObject({ events: [seen] })
    expect((await question('topics', { limit: 9 })).said).toMatchObject({ topics: [seen] })
    expect((await question('topics', { limit: 9, after: 'house/lamp' })).said).toEqual({
      topics: [],
      isAll: true,
    })
    expect((await question('retained', { filter: '#', limit: 9, hiddenRoot: null })).said).toMatchObject([
      seen,
    ])
    expect([(await question('event', 1)).said, (await question('event', 2)).said]).toMatchObject([seen, null])
    const statuses = async (...paths: string[]) =>
      Promise.all(paths.map(async (path) => (await ask(path, { headers: ANNA })).status))
    expect(
      await statuses('/api/events/1', '/api/events/2', '/api/topics/house/lamp', '/api/topics/safe/code'),
    ).toEqual([200, 404, 200, 404])
    expect((await ask('/api/events', { headers: BOB })).said).toHaveLength(2)
  })

  it('counts only filters that it may receive as a whole', async () => {
    const { ask } = await hub({ permissions })
    const counts = async (headers: Record<string, string>, query: string) =>
      (await ask(`/api/events/counts${query}`, { headers })).status
    expect(await counts(ANNA, '?filter=house/%2B')).toBe(200)
    for (const query of ['', '?filter=%23', '?filter=safe/code', '?filter=%2B/lamp'])
      expect(await counts(ANNA, query)).toBe(403)
    expect(await counts(BOB, '?filter=house/%23')).toBe(200)
    // A part of these is denied.
    for (const query of ['', '?filter=safe/code', '?filter=%2B/code', '?filter=safe/%23'])
      expect(await counts(BOB, query)).toBe(403)
    expect((await ask('/api/retained/count?filter=safe/%23', { headers: ANNA })).status).toBe(403)
  })

  it('is what the hub tells of itself only where it may receive what the hub publishes of that', async () => {
    const { ask } = await hub({
      permissions: [...permissions, { users: ['anna'], receive: ['vigie/alerts/#'] }],
    })
    expect((await ask('/api/silences', { headers: ANNA })).status).toBe(200)
    const refused = await ask('/api/runs', { headers: ANNA })
    expect([refused.status, refused.said]).toEqual([
      403,
      {
        error: 'The user "anna" may not look at this: the permissions do not allow receiving "vigie/runs/#".',
      },
    ])
    for (const path of [
      '/api/clients',
      '/api/rules',
      '/api/verdicts',
      '/api/status',
      '/metrics',
      '/api/pings',
    ])
      expect((await ask(path, { headers: ANNA })).status).toBe(403)
    expect((await ask('/api/questions/runs', { headers: ANNA, body: { query: { limit: 1 } } })).status).toBe(
      403,
    )
    expect((await ask('/api/events/1', { headers: ANNA })).said).toMatchObject({ runs: [], verdicts: [] })
    expect((await ask('/api/events/1', { headers: BOB })).said).toMatchObject({ runs: [{ id: 7 }] })
    expect((await ask('/api/runs', { headers: BOB })).status).toBe(200)
  })

  it('is nothing of what the hub tells of itself where a part of that is denied', async () => {
    const deny = { receive: ['vigie/clients/camera'] }
    const { ask } = await hub({ permissions: [...permissions, { users: ['bob'], deny }] })
    expect((await ask('/api/clients', { headers: BOB })).status).toBe(403)
    expect((await ask('/api/runs', { headers: BOB })).status).toBe(200)
    const subscribes: Permission = { users: ['anna'], subscribe: ['vigie/#'], receive: ['house/#'] }
    const other = await hub({ permissions: [subscribes] })
    expect((await other.ask('/api/runs', { headers: ANNA })).status).toBe(403)
  })

  it('does not tell whether a message fits that it may not receive', async () => {
    const { ask } = await hub({ permissions })
    // The history holds an event on safe/code that fits, and nothing else.
    const asked = await ask('/api/events?contains=fits&limit=1', { headers: ANNA })
    expect([asked.said, asked.headers.get('link')]).toEqual([[], null])
    const body = { query: { contains: 'fits', limit: 1, before: 9 } }
    const { said } = await ask('/api/questions/historyPage', { headers: ANNA, body })
    expect(said).toEqual({ events: [], reached: 9, isAll: true })
    expect((await ask('/api/events?contains=fits&limit=1')).status).toBe(401)
  })

  it('is no story with a message that it may not receive', async () => {
    const { ask } = await hub({ permissions })
    expect((await ask('/api/events/1/why', { headers: BOB })).status).toBe(200)
    expect((await ask('/api/events/2/why', { headers: BOB })).status).toBe(403)
    const body = { query: { kind: 'event', id: 2 } }
    expect((await ask('/api/questions/story', { headers: BOB, body })).status).toBe(403)
  })

  it('is everything where there is no list of permissions', async () => {
    const { ask } = await hub()
    expect((await ask('/api/events', { headers: ANNA })).said).toHaveLength(3)
    expect((await ask('/api/runs', { headers: ANNA })).status).toBe(200)
  })
})

describe('what a user changes', () => {
  it('needs permission to publish the command', async () => {
    const permissions: Permission[] = [
      { users: ['anna'], publish: ['house/#', 'vigie/commands/alerts/nas/#', 'vigie/commands/runs/+/retry'] },
    ]
    const { ask, done } = await hub({ permissions })
    const post = async (path: string, headers = ANNA, body: object = {}) =>
      (await ask(path, { headers, body })).status
    expect(await post('/api/alerts/ack?key=nas/sda', ANNA, { by: 'mallory' })).toBe(200)
    expect(await post('/api/runs/3/retry')).toBe(200)
    expect(done).toEqual([['nas/sda', 'ack', { by: 'anna' }], 3])
    for (const path of ['/api/alerts/ack?key=ups', '/api/runs/3/cancel', '/api/clients/lamp/kick'])
      expect(await post(path)).toBe(403)
    expect(await post('/publish/house/lamp')).toBe(202)
    for (const path of ['/publish/safe/code', '/publish/vigie/commands/alerts/ups/ack'])
      expect(await post(path)).toBe(403)
    expect(await post('/publish/house/lamp', BOB)).toBe(403)
    expect(done).toHaveLength(3)
  })

  it('needs the permission for each run of several that are changed at once', async () => {
    const permissions: Permission[] = [
      { publish: ['vigie/commands/#'], deny: { publish: ['vigie/commands/runs/+/discard'] } },
    ]
    const { ask, done } = await hub({ permissions })
    const change = async (how: string) =>
      (await ask('/api/runs/change', { headers: ANNA, body: { change: how, ids: [3, 4] } })).status
    expect([await change('discard'), done]).toEqual([403, []])
    expect([await change('retry'), done]).toEqual([200, [3, 4]])
  })

  it('is no command where there is no list of permissions, as over MQTT', async () => {
    const { ask, done } = await hub()
    const headers = ANNA
    expect((await ask('/api/clients/lamp/kick', { headers, body: {} })).said).toEqual({
      error:
        'The user "anna" may not do this: the permissions have to allow publishing to "vigie/commands/clients/lamp/kick".',
    })
    expect((await ask('/publish/vigie/commands/x/kill', { headers, body: {} })).status).toBe(403)
    expect((await ask('/publish/house/lamp', { headers, body: {} })).status).toBe(202)
    expect(done).toEqual(['house/lamp'])
  })

  it('comes from no page of another origin, though a browser would send the password along', async () => {
    const { ask, origin } = await hub()
    const from = (page: string) => ({ ...ANNA, origin: page, 'user-agent': 'Mozilla/5.0' })
    const publish = async (headers: Record<string, string>) =>
      (await ask('/publish/house/lamp', { headers, body: 'on' })).status
    expect(await publish(from('http://evil.example'))).toBe(403)
    expect(await publish(from(origin))).toBe(202)
    expect(await publish({ ...from(origin.replace('http', 'https')), 'x-forwarded-proto': 'https' })).toBe(
      202,
    )
  })
})

describe('a token', () => {
  const tokens = {
    reader: { scopes: ['read'] },
    doorbell: { scopes: ['publish'] },
    operator: { scopes: ['read', 'write'] },
    annas: { scopes: ['read', 'publish', 'write'], user: 'anna' },
    gone: { scopes: ['read'], expiresAt: '2020-01-01T00:00:00.000Z' },
  } as const

  it('is good for its scopes', async () => {
    const { ask, done, token } = await hub({ tokens: tokens as unknown as NonNullable<HubOptions['tokens']> })
    const as = async (name: string, path: string, body?: object) =>
      (await ask(path, { headers: bearer(token(name)), ...(body && { body }) })).status
    expect(await as('reader', '/api/events')).toBe(200)
    expect(await as('reader', '/publish/house/bell', {})).toBe(403)
    expect(await as('reader', '/api/clients/lamp/kick', {})).toBe(403)
    expect(await as('doorbell', '/api/events')).toBe(403)
    expect(await as('doorbell', '/publish/house/bell', {})).toBe(202)
    expect(await as('doorbell', '/publish/vigie/commands/x/kill', {})).toBe(403)
    expect(await as('operator', '/api/clients/lamp/kick', { by: 'mallory' })).toBe(200)
    expect(await as('gone', '/api/events')).toBe(401)
    expect(done).toEqual(['house/bell', ['lamp', 'operator']])
  })

  it('of a user is held to the permissions of the user as well', async () => {
    const permissions: Permission[] = [{ users: ['anna'], publish: ['house/#'], receive: ['house/#'] }]
    const { ask, token } = await hub({
      permissions,
      tokens: tokens as unknown as NonNullable<HubOptions['tokens']>,
    })
    const headers = bearer(token('annas'))
    expect((await ask('/api/events', { headers })).said).toHaveLength(1)
    expect((await ask('/publish/house/bell', { headers, body: {} })).status).toBe(202)
    expect((await ask('/publish/garage', { headers, body: {} })).status).toBe(403)
    expect((await ask('/api/clients/lamp/kick', { headers, body: {} })).status).toBe(403)
  })
})

describe('a session of the page', () => {
  const login = async ({ ask }: Awaited<ReturnType<typeof hub>>, headers: Record<string, string> = {}) => {
    const answer = await ask('/api/session', { headers, body: { user: 'anna', password: 'right' } })
    const cookie = answer.headers.get('set-cookie') ?? ''
    return { status: answer.status, cookie, headers: { cookie: cookie.split(';')[0]! } }
  }

  it('begins with the password, in a cookie that no script and no other site can use', async () => {
    const at = await hub()
    const { cookie, headers } = await login(at)
    expect(cookie).toMatch(
      /^vigie_session_\d+=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Strict$/,
    )
    expect((await login(at, { 'x-forwarded-proto': 'https' })).cookie).toContain('; Secure')
    expect((await at.ask('/api/events', { headers })).status).toBe(200)
    expect((await at.ask('/api/session', { headers })).said).toEqual({
      isLoginNeeded: false,
      isSession: true,
      user: 'anna',
      scopes: ['read', 'publish', 'write'],
    })
  })

  it('does not begin with a wrong password, or for a page of another origin', async () => {
    const at = await hub()
    const wrong = await at.ask('/api/session', { body: { user: 'anna', password: 'wrong' } })
    expect([wrong.status, wrong.headers.get('set-cookie')]).toEqual([401, null])
    expect((await login(at, { origin: 'http://evil.example' })).status).toBe(403)
    expect((await at.ask('/api/session')).said).toMatchObject({ isLoginNeeded: true, user: null })
    expect((await at.ask('/api/session', { here: true })).said).toMatchObject({ isLoginNeeded: false })
  })

  it('ends by a logout, and with the password with which it began', async () => {
    const at = await hub()
    const [first, second] = [await login(at), await login(at)]
    const evil = { ...first.headers, origin: 'http://evil.example' }
    expect((await at.ask('/api/session', { method: 'DELETE', headers: evil })).status).toBe(403)
    expect((await at.ask('/api/events', { headers: first.headers })).status).toBe(200)
    const out = await at.ask('/api/session', { method: 'DELETE', headers: first.headers })
    expect(out.headers.get('set-cookie')).toContain('Max-Age=0')
    expect((await at.ask('/api/events', { headers: first.headers })).status).toBe(401)
    expect((await at.ask('/api/events', { headers: second.headers })).status).toBe(200)
    at.write(undefined, { anna: records.bob })
    at.access.reload()
    expect((await at.ask('/api/events', { headers: second.headers })).status).toBe(401)
  })

  it('changes nothing for a page of another origin', async () => {
    const at = await hub()
    const { headers } = await login(at)
    const evil = { ...headers, origin: 'http://evil.example' }
    expect((await at.ask('/publish/a', { headers: evil, body: 'x' })).status).toBe(403)
    expect((await at.ask('/api/runs/3/retry', { headers: evil, body: {} })).status).toBe(403)
  })

  it('goes by the permissions as they are at each request', async () => {
    const at = await hub()
    const { headers } = await login(at)
    expect((await at.ask('/api/events', { headers })).said).toHaveLength(3)
    at.write([{ users: ['anna'], receive: ['house/#'] }])
    at.access.reload()
    expect((await at.ask('/api/events', { headers })).said).toHaveLength(1)
  })
})

it('declares of each route that reads whether it shows messages or what the hub tells of itself', () => {
  const all = resources({ ...OPEN, root: 'vigie', queries, log: silentLog, page: {} } as never)
  const ofMessages = all
    .flatMap(({ routes }) => routes)
    .filter(({ needs, looksAt }) => needs === 'read' && looksAt === undefined)
  expect(ofMessages.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /api/events/live',
    'GET /api/events',
    'GET /api/events/counts',
    'GET /api/events/{id}',
    'GET /api/topics',
    'GET /api/topics/{topic+}',
    'GET /api/retained',
    'GET /api/retained/count',
    'POST /api/questions/historyPage',
    'POST /api/questions/topics',
    'POST /api/questions/event',
    'POST /api/questions/retained',
    'GET /api/live',
    'POST /api/live/{id}',
  ])
})
