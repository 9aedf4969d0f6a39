// Covers `src/http-client/answer.ts`, `src/http-client/compose.ts`, `src/http-client/exchange.ts`,
// `src/http-client/failure.ts`, `src/http-client/redirects.ts`, `src/http-client/retry-after.ts`,
// `src/http-client/send.ts`, `src/http-client/unsendable.ts`.

import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { createServer as createTcpServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { perform } from '../../src/actions/perform.ts'
import { ManualClock } from '../../src/base/clock.ts'
import type { WebhookSpec } from '../../src/model/action.ts'
import { jsonPropertyBytes } from '../../src/model/json-properties.ts'
import type { Outcome } from '../../src/model/outcome.ts'
import { nextAnswer } from '../support/answers.ts'
import { FRAGILE_JSON } from '../support/payloads.ts'
import { desk, doorEvent, manner } from './attempt.ts'

const webhook = (url: WebhookSpec['url'], more: Partial<WebhookSpec> = {}): WebhookSpec => ({
  kind: 'webhook',
  url,
  method: 'POST',
  headers: {},
  ...manner,
  ...more,
})

interface Received {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A server on a free port of this machine that writes down what it gets. */
async function serve(answer: (response: ServerResponse, request: Received) => void) {
  const received: Received[] = []
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = await request.toArray()
    const { method, url, headers } = request
    const each = { method, url, headers, body: Buffer.concat(chunks).toString() }
    received.push(each)
    answer(response, each)
  }
  const server = createServer((request, response) => void take(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  return { received, url: `http://127.0.0.1:${port}/hook`, host: `127.0.0.1:${port}` }
}

const answerWith = (status: number, headers: Record<string, string> = {}, body = '') =>
  serve((response) => response.writeHead(status, headers).end(body))

describe('the webhook action', () => {
  test.each(FRAGILE_JSON)('posts the payload %s as it came', async (text) => {
    const { received, url } = await answerWith(200)
    const { context } = desk()
    await perform(webhook(url), { ...context, event: { ...doorEvent, payload: Buffer.from(text) } })
    expect(received[0]?.body).toContain(`"payload":${text},`)
  })

  test('posts the event as JSON, with a key that stays the same over attempts', async () => {
    const { received, url } = await answerWith(200, {}, 'thanks')
    const first = await perform(webhook(url), desk().context)
    await perform(webhook(url), desk({ attempt: 2 }).context)
    expect(first).toEqual({
      kind: 'done',
      result: { status: 200, durationMs: expect.any(Number), body: 'thanks' },
    })
    expect(received).toHaveLength(2)
    expect(received[0]).toMatchObject({
      method: 'POST',
      url: '/hook',
      headers: { 'content-type': 'application/json' },
    })
    expect(JSON.parse(received[0]?.body ?? '')).toMatchObject({
      id: 7,
      at: '2026-01-02T03:04:05.000Z',
      topic: 'home/door',
      payload: { open: true },
      client: 'sensor-1',
      params: { room: 'hall' },
    })
    const keys = received.map(({ headers }) => headers['idempotency-key'])
    expect(keys).toEqual([`3.0-7-${doorEvent.at.toString(36)}`, keys[0]])
  })

  test.each([
    [{ json: { a: [1, null] } }, 'application/json', '{"a":[1,null]}'],
    [{ form: { a: 'x y', b: '&=' } }, 'application/x-www-form-urlencoded', 'a=x+y&b=%26%3D'],
    [{ text: 'grüße' }, 'text/plain; charset=utf-8', 'grüße'],
  ])('sends %j as %s', async (body, type, sent) => {
    const { received, url } = await answerWith(204)
    expect(await perform(webhook(url, { body }), desk().context)).toMatchObject({
      kind: 'done',
      result: { status: 204 },
    })
    expect(received[0]).toMatchObject({ body: sent, headers: { 'content-type': type } })
  })

  test('sends no body with a GET unless one is given', async () => {
    const { received, url } = await answerWith(200)
    await perform(webhook(url, { method: 'GET' }), desk().context)
    expect(received[0]).toMatchObject({ method: 'GET', body: '' })
    expect(received[0]?.headers).not.toHaveProperty('content-type')
  })

  test('signs the body, authorises itself, and lets headers of the rule take the place of its own', async () => {
    const { received, url } = await answerWith(200)
    const { context } = desk({}, { environment: { KEY: 'k3y', USER: 'me', PASSWORD: 'h:ush' } })
    await perform(
      webhook(url, {
        body: { text: 'hello' },
        headers: { 'content-type': 'text/x-own', 'X-Token': ['t-', { secret: 'KEY' }] },
        auth: { user: { secret: 'USER' }, password: { secret: 'PASSWORD' } },
        sign: { key: { secret: 'KEY' }, header: 'X-Signature' },
      }),
      context,
    )
    expect(received[0]?.headers).toMatchObject({
      'content-type': 'text/x-own',
      'x-token': 't-k3y',
      authorization: `Basic ${Buffer.from('me:h:ush').toString('base64')}`,
      'x-signature': `sha256=${createHmac('sha256', 'k3y').update('hello').digest('hex')}`,
    })
  })

  test('leaves no secret in its outcome, whatever the server sends back', async () => {
    const { url } = await serve((response, { url: path, headers }) =>
      response.writeHead(500).end(JSON.stringify({ path, headers })),
    )
    const environment = { TOKEN: 'tök en/1+2', PASSWORD: 'swordfish' }
    for (const auth of [{ bearer: { secret: 'TOKEN' } }, { user: 'me', password: { secret: 'PASSWORD' } }]) {
      const outcome = await perform(
        webhook([`${url}?t=`, { secret: 'TOKEN' }], {
          auth,
          headers: { 'X-Password': { secret: 'PASSWORD' } },
        }),
        desk({}, { environment: { ...environment, TOKEN: 'tok-en/1+2' } }).context,
      )
      expect(outcome.kind).toBe('retry')
      const left = JSON.stringify(outcome)
      for (const form of ['tok-en', 'swordfish', Buffer.from('me:swordfish').toString('base64')])
        expect(left).not.toContain(form)
    }
  })

  test('does not name a secret in the sentence about a server that is not there', async () => {
    const outcome = await perform(
      webhook(['http://user:', { secret: 'TOKEN' }, '@127.0.0.1:1/', { secret: 'TOKEN' }]),
      desk({}, { environment: { TOKEN: 'swordfish' } }).context,
    )
    expect(outcome).toMatchObject({ kind: 'retry', reason: expect.stringContaining('nothing listens there') })
    expect(JSON.stringify(outcome)).not.toContain('swordfish')
  })
})

describe('an answer of the server', () => {
  test.each([
    [408, 'retry'],
    [425, 'retry'],
    [429, 'retry'],
    [500, 'retry'],
    [502, 'retry'],
    [503, 'retry'],
    [504, 'retry'],
    [400, 'give-up'],
    [401, 'give-up'],
    [403, 'give-up'],
    [404, 'give-up'],
    [409, 'give-up'],
    [410, 'give-up'],
    [422, 'give-up'],
    [200, 'done'],
    [201, 'done'],
    [299, 'done'],
  ])('with status %i means: %s', async (status, kind) => {
    const { url, host } = await answerWith(status, {}, 'why')
    const outcome = await perform(webhook(url), desk().context)
    const reason = kind === 'done' ? {} : { reason: `POST to ${host} was answered with ${status}` }
    expect(outcome).toMatchObject({ kind, result: { status, body: 'why' }, ...reason })
  })

  test.each([
    ['120', 120_000],
    ['0', 0],
    ['Fri, 02 Jan 2026 03:04:35 GMT', 30_000],
    ['Fri, 02 Jan 2026 03:00:00 GMT', 0],
    ['99999999999', 86_400_000],
    ['soon', undefined],
    ['-5', undefined],
    ['1.5', undefined],
  ])('with Retry-After %j is asked again after %j ms', async (header, afterMs) => {
    const { url } = await answerWith(503, { 'Retry-After': header })
    const clock = new ManualClock(doorEvent.at)
    expect(((await perform(webhook(url), desk({}, { clock }).context)) as { afterMs?: number }).afterMs).toBe(
      afterMs,
    )
  })

  test.each([301, 302, 303, 307, 308])(
    'that redirects (%i) is given up, and nothing is sent to the other place',
    async (status) => {
      const other = await answerWith(200)
      const { url } = await answerWith(status, { Location: `${other.url}?token=abc` })
      const outcome = await perform(webhook(url), desk().context)
      expect(outcome).toMatchObject({
        kind: 'give-up',
        reason: expect.stringContaining(`a redirect to ${other.host}`),
      })
      expect(JSON.stringify(outcome)).not.toContain('token=abc')
      expect(other.received).toEqual([])
    },
  )

  test('is held against what the rule expects', async () => {
    const { url } = await answerWith(200, {}, '{"triggered": false}')
    const outcomeOf = (expectation: WebhookSpec['expect']): Promise<Outcome> =>
      perform(webhook(url, { expect: expectation }), desk().context)
    expect(await outcomeOf({ body: { source: '"TRIGGERED": (true|false)', flags: 'i' } })).toMatchObject({
      kind: 'done',
    })
    expect(await outcomeOf({ body: { source: '"triggered": true', flags: '' } })).toMatchObject({
      kind: 'give-up',
      reason: expect.stringContaining('/"triggered": true/ is not in the body'),
    })
    expect(await outcomeOf({ status: [204] })).toMatchObject({ kind: 'give-up' })
    expect(await outcomeOf({ status: [200, 204] })).toMatchObject({ kind: 'done' })
  })

  test('of any size is read to its limit only, and kept by its end', async () => {
    const { promise: closed, resolve } = Promise.withResolvers<void>()
    const { url } = await serve((response) => {
      response.once('close', resolve)
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
        response.once('drain', more)
      }
      more()
    })
    const outcome = await perform(webhook(url), desk().context)
    expect(outcome).toMatchObject({ kind: 'done', result: { status: 200 } })
    expect(outcome.result?.body).toHaveLength(8 * 1024 + 1)
    expect(outcome.result).toMatchObject({ truncated: { body: null } })
    await closed
  })

  test('that is longer than what is kept of it says how long it was', async () => {
    for (const length of [10_000, 1_000_000]) {
      const { url } = await answerWith(200, { 'Content-Length': String(length) }, 'x'.repeat(length))
      expect((await perform(webhook(url), desk().context)).result).toMatchObject({
        truncated: { body: length },
      })
    }
    const { url } = await answerWith(200, {}, 'short')
    expect((await perform(webhook(url), desk().context)).result).not.toHaveProperty('truncated')
  })
})

describe('a server that does not answer', () => {
  test('for the length of the timeout is asked again later', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<void>()
    const clock = new ManualClock()
    const { url, host } = await serve(() => resolve())
    const outcome = perform(webhook(url, { timeoutMs: 10_000 }), desk({}, { clock }).context)
    await asked
    clock.advance(10_000)
    expect(await outcome).toEqual({ kind: 'retry', reason: `POST to ${host} failed: timed out after 10s` })
  })

  test.each([
    [{}, { kind: 'done', result: { status: 200, body: 'begin' } }],
    [{ body: { source: 'begin', flags: '' } }, { kind: 'done' }],
    [
      { body: { source: 'end', flags: '' } },
      {
        kind: 'give-up',
        reason: expect.stringContaining('/end/ is not in the body, which had not ended when the time was up'),
      },
    ],
  ])('to the end has taken the request, and is not asked again: %j', async (expectation, outcome) => {
    const clock = new ManualClock()
    const { url, received } = await serve((response) => response.writeHead(200).write('begin'))
    const performed = perform(webhook(url, { expect: expectation }), desk({}, { clock }).context)
    await nextAnswer()
    clock.advance(10_000)
    expect(await performed).toMatchObject(outcome)
    expect(received).toHaveLength(1)
  })

  test('to the end, but breaks off, has taken the request as well', async () => {
    const { url } = await serve((response) => {
      response.writeHead(200, { 'Content-Length': '100' })
      response.write('some', () => response.socket?.destroy())
    })
    expect(await perform(webhook(url), desk().context)).toMatchObject({
      kind: 'done',
      result: { status: 200, body: 'some' },
    })
  })

  test.each([
    ['closes the connection', (socket: Socket) => socket.end()],
    ['resets the connection', (socket: Socket) => socket.resetAndDestroy()],
    ['speaks something else', (socket: Socket) => socket.end('SSH-2.0-x\r\n')],
  ])('in HTTP, but %s, is asked again later', async (_how, behave) => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', () => behave(socket))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    expect(await perform(webhook(`http://127.0.0.1:${port}/`), desk().context)).toMatchObject({
      kind: 'retry',
      reason: expect.stringContaining(`POST to 127.0.0.1:${port} failed: `),
    })
  })

  test('because nothing listens is asked again later', async () => {
    expect(await perform(webhook('http://127.0.0.1:1/'), desk().context)).toMatchObject({
      kind: 'retry',
      reason: expect.stringContaining('(nothing listens there)'),
    })
  })
})

describe('a request that cannot be made', () => {
  test.each([
    ['an address of another kind', webhook('ftp://127.0.0.1/'), 'is no address that begins with http'],
    ['no address', webhook('nonsense'), 'is no address that begins with http'],
    [
      'a forbidden character in a header',
      webhook('http://127.0.0.1:1/', { headers: { 'X-A': 'a\nb' } }),
      'its header X-A holds a character that HTTP forbids (\\x0a, U+000A)',
    ],
    [
      'a dash that is none in a header',
      webhook('http://127.0.0.1:1/', { headers: { 'X-Title': 'door – open' } }),
      'its header X-Title holds a character that HTTP forbids (–, U+2013)',
    ],
    [
      'a space in the name of a header',
      webhook('http://127.0.0.1:1/', { headers: { 'X Title': 'a' } }),
      'its header "X Title" has a name that HTTP forbids',
    ],
    [
      'a method that is none',
      webhook('http://127.0.0.1:1/', { method: 'PO ST' }),
      'a character that HTTP forbids',
    ],
    [
      'a missing certificate',
      webhook('https://127.0.0.1:1/', { tls: { caFile: '/no/ca.pem' } }),
      '/no/ca.pem',
    ],
  ])('for %s is given up', async (_what, spec, reason) => {
    expect(await perform(spec, desk().context)).toMatchObject({
      kind: 'give-up',
      reason: expect.stringContaining(reason),
    })
  })
})

describe('redirects', () => {
  test('are followed as often as the rule says: 303 as a GET, 307 as it was', async () => {
    const other = await serve((response) => response.writeHead(200).end('there'))
    for (const [status, method, body] of [
      [302, 'GET', ''],
      [303, 'GET', ''],
      [307, 'PUT', 'hello'],
    ] as const) {
      const { url } = await answerWith(status, { Location: other.url })
      const asked = webhook(url, {
        method: status === 302 ? 'POST' : 'PUT',
        body: { text: 'hello' },
        redirects: 1,
      })
      expect(await perform(asked, desk().context)).toMatchObject({ kind: 'done', result: { body: 'there' } })
      expect(other.received.at(-1)).toMatchObject({ method, body })
    }
  })

  test('take no credentials to another host', async () => {
    const other = await answerWith(200)
    const elsewhere = other.url.replace('127.0.0.1', 'localhost')
    const { url } = await serve((response, { url: path }) =>
      response.writeHead(307, { Location: path === '/hook' ? '/again' : elsewhere }).end(),
    )
    const { context } = desk({}, { environment: { TOKEN: 'swordfish' } })
    const more: Partial<WebhookSpec> = {
      auth: { bearer: { secret: 'TOKEN' } },
      headers: { 'X-Key': { secret: 'TOKEN' }, Accept: 'text/plain' },
      redirects: 5,
    }
    expect(await perform(webhook(url, more), context)).toMatchObject({ kind: 'done' })
    const [{ headers } = { headers: {} }] = other.received
    expect(headers).toMatchObject({ accept: 'text/plain', 'content-type': 'application/json' })
    expect(JSON.stringify(headers)).not.toContain('swordfish')
  })

  test('that go round in a circle end', async () => {
    const { url, host, received } = await answerWith(302, { Location: '/hook' })
    expect(await perform(webhook(url, { redirects: 3 }), desk().context)).toMatchObject({
      kind: 'give-up',
      reason: `POST to ${host} was answered with 302, a redirect to another path of the same host: 3 redirects are followed, and this is one more`,
    })
    expect(received).toHaveLength(4)
  })
})

test('a kept connection that the server has closed is not taken for a failure', async () => {
  const sockets: Socket[] = []
  const server = createServer((_request, response) => response.end('ok'))
  server.on('connection', (socket) => sockets.push(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  expect(await perform(webhook(url), desk().context)).toMatchObject({ kind: 'done' })
  sockets[0]?.resetAndDestroy()
  expect(await perform(webhook(url), desk().context)).toMatchObject({ kind: 'done' })
  expect(sockets).toHaveLength(2)
})

test('a request is part of the trace of its event, by a span of its own at each attempt, unless the rule names another', async () => {
  const { url, received } = await answerWith(200)
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
  const userProperties = [
    ['traceparent', `00-${trace}-00f067aa0ba902b7-01`],
    ['tracestate', 'a=1'],
  ]
  const { context } = desk({ event: { ...doorEvent, properties: jsonPropertyBytes({ userProperties }) } })
  await perform(webhook(url), context)
  await perform(webhook(url), context)
  await perform(webhook(url, { headers: { Traceparent: 'mine' } }), context)
  await perform(webhook(url), desk().context)
  const sent = received.map(({ headers }) => headers['traceparent'])
  for (const each of sent.slice(0, 2)) expect(each).toMatch(new RegExp(`^00-${trace}-[\\da-f]{16}-01$`))
  expect(new Set(sent).size).toBe(4)
  expect(sent.slice(2)).toEqual(['mine', undefined])
  expect(received[0]?.headers['tracestate']).toBe('a=1')
  expect(JSON.parse(received[0]!.body)).toMatchObject({ traceparent: userProperties[0]![1] })
})
