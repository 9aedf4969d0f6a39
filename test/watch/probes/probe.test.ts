// Tests `src/watch/probes/host.ts`, `src/watch/probes/tcp.ts` and `src/watch/probes/url.ts` through
// `src/watch/probes/probe.ts`.
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { mkdtemp, readFile, rm, writeFile, chmod } from 'node:fs/promises'
import { createServer as createTcpServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../../src/base/clock.ts'
import { httpRequest } from '../../../src/http-client/request.ts'
import type { RequestSpec } from '../../../src/model/request.ts'
import type { PingSpec, UrlExpectation } from '../../../src/model/probe.ts'
import { openSecrets } from '../../../src/secrets/secrets.ts'
import { nextAnswer } from '../../support/answers.ts'
import { probe } from '../../../src/watch/probes/probe.ts'
import { Echoes } from '../../../src/watch/probes/echoes.ts'
import { probeHost } from '../../../src/watch/probes/host.ts'
import { itWith } from '../../support/tools.ts'

const never = new AbortController().signal
const secrets = openSecrets({ TOKEN: 'swordfish' }, null)
const check = (target: PingSpec['target'], signal = never) =>
  probe(
    {
      name: 'x',
      target,
      everyMs: 1,
      jitterMs: 0,
      timeoutMs: 2_000,
      fails: 1,
      recovers: 1,
      flapping: null,
      dependsOn: [],
      isReference: false,
    },
    { signal, timeoutMs: 2_000, clock: systemClock, secrets, within: (code) => code() },
  )
const url = (address: string, expectation: UrlExpectation = {}, more: Partial<RequestSpec> = {}) => ({
  kind: 'url' as const,
  request: { url: address, method: 'GET', headers: {}, ...more },
  expect: expectation,
})

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'vigie-probe-'))
  onTestFinished(() => rm(path, { recursive: true }))
  return path
}

/** Without fping. */
const none = new Echoes('no-such-fping')

/** A program in the place of ping. */
async function fakePing(script: string): Promise<string> {
  const program = join(await folder(), 'ping')
  await writeFile(program, `#!/bin/sh\n${script}\n`)
  await chmod(program, 0o755)
  return program
}

const good = { kind: 'good', latencyMs: expect.any(Number) }
const failed = (reason: string) => ({ kind: 'failed', reason: expect.stringContaining(reason) })

describe('a host ping', () => {
  itWith('ping')('is good when the host replies, and says how fast', async () => {
    const seen = await check({ kind: 'host', host: '127.0.0.1' })
    expect(seen).toEqual(good)
    expect(seen).toHaveProperty(
      'latencyMs',
      expect.toSatisfy((ms: number) => ms > 0 && ms < 2_000),
    )
  })

  test('fails with what ping says of a name that nobody knows', async () => {
    const program = await fakePing('echo "ping: nowhere: Name or service not known" >&2; exit 2')
    expect(
      await probeHost({ kind: 'host', host: 'nowhere' }, { timeoutMs: 1_000, signal: never }, program, none),
    ).toEqual({
      kind: 'failed',
      reason: 'nowhere: Name or service not known',
    })
  })

  test.each(['-c1', '--help', '', ' ', 'a b', 'a\0b', '-'])(
    'does not give %j to the program',
    async (host) => {
      expect(await check({ kind: 'host', host })).toMatchObject({
        kind: 'unable',
        reason: expect.stringContaining('is no host'),
      })
    },
  )

  test('is not checked without a program to do it, nor when that may not open its socket', async () => {
    expect(
      await probeHost(
        { kind: 'host', host: '127.0.0.1' },
        { timeoutMs: 1_000, signal: never },
        'no-such-ping',
        none,
      ),
    ).toMatchObject({
      kind: 'unable',
      reason: expect.stringContaining('install it'),
    })
    const program = await fakePing('echo "ping: socket: Operation not permitted" >&2; exit 2')
    expect(
      await probeHost(
        { kind: 'host', host: '127.0.0.1' },
        { timeoutMs: 1_000, signal: never },
        program,
        none,
      ),
    ).toMatchObject({
      kind: 'unable',
      reason: expect.stringContaining('setcap'),
    })
  })

  test('is not checked by a ping that was killed', async () => {
    const program = await fakePing('kill -9 $$')
    expect(
      await probeHost({ kind: 'host', host: 'quiet' }, { timeoutMs: 1_000, signal: never }, program, none),
    ).toEqual({ kind: 'unable', reason: `the program "${program}" was ended by SIGKILL` })
  })

  test('fails when there is no reply, or none in time', async () => {
    const program = await fakePing('[ "$7" = slow ] || [ "$8" = slow ] && exec sleep 60\nexit 1')
    expect(
      await probeHost({ kind: 'host', host: 'quiet' }, { timeoutMs: 1_000, signal: never }, program, none),
    ).toEqual({ kind: 'failed', reason: 'no reply' })
    const stop = new AbortController()
    const seen = probeHost(
      { kind: 'host', host: 'slow' },
      { timeoutMs: 1_000, signal: stop.signal },
      program,
      none,
    )
    stop.abort(new Error('no answer within 1s'))
    await expect(seen).rejects.toThrow('no answer within 1s')
  })
})

describe('a tcp ping', () => {
  test('is good when the connection is made', async () => {
    const port = await listen(createTcpServer((socket) => socket.on('error', () => {}).resume()))
    expect(await check({ kind: 'tcp', host: '127.0.0.1', port })).toEqual(good)
    expect(await check({ kind: 'tcp', host: 'localhost', port })).toEqual(good)
  })

  test('fails when nothing listens, or when its time is up', async () => {
    expect(await check({ kind: 'tcp', host: '127.0.0.1', port: 1 })).toEqual(failed('nothing listens there'))
    const stopped = AbortSignal.abort(new Error('no answer within 2s'))
    expect(await check({ kind: 'tcp', host: '127.0.0.1', port: 1 }, stopped)).toEqual(
      failed('no answer within 2s'),
    )
  })
})

describe('a url ping', () => {
  test.each([
    [200, 'all ok', {}, good],
    [301, '', {}, good],
    [404, '', {}, failed('it answers with 404')],
    [503, '', {}, failed('it answers with 503')],
    [503, '', { status: [503] }, good],
    [200, 'all OK', { body: { source: 'ok$', flags: 'i' } }, good],
    [200, 'failing', { body: { source: 'ok', flags: '' } }, failed('/ok/ is not in the body')],
    [200, '', { certificateMs: 1 }, failed('it shows no certificate')],
    [200, '{"queue":{"length":3}}', { json: { 'queue.length': { below: 9 } } }, good],
    [
      200,
      '{"queue":{}}',
      { json: { 'queue.length': { below: 9 } } },
      failed('"queue.length" in the body is not there'),
    ],
    [200, '<html>', { json: { status: { equals: 'ok' } } }, failed('the body is no JSON')],
  ])('that answers %i and %j is held against %j', async (status, body, expectation, outcome) => {
    const server = createServer((_request, response) =>
      response.writeHead(status, { Location: '/other' }).end(body),
    )
    const address = `http://127.0.0.1:${await listen(server)}/`
    expect(await check(url(address, expectation))).toEqual(outcome)
  })

  test('is good with the head of the answer where nobody looks at the body, and gives the connection up', async () => {
    const { promise: closed, resolve } = Promise.withResolvers<void>()
    const server = createServer((_request, response) => {
      response.once('close', resolve).writeHead(200).write('data: never ends')
    })
    const address = `http://127.0.0.1:${await listen(server)}/`
    expect(await check(url(address, { status: [200] }))).toEqual(good)
    await closed
  })

  test('searches as much of a body as has come when its time is up', async () => {
    const address = `http://127.0.0.1:${await listen(createServer((_request, response) => response.write('begin')))}/`
    const search = async (source: string) => {
      const stop = new AbortController()
      const checked = check(url(address, { body: { source, flags: '' } }), stop.signal)
      await nextAnswer()
      stop.abort(new Error('no answer within 2s'))
      return checked
    }
    expect(await search('begin')).toEqual(good)
    expect(await search('end')).toEqual(
      failed('/end/ is not in the body, which had not ended when the time was up'),
    )
  })

  test('sends what its rule says: a method, headers with secrets, a body', async () => {
    const seen: unknown[] = []
    const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const { method, headers } = request
      const chunks: Buffer[] = await request.toArray()
      seen.push(method, headers['x-token'], headers.authorization, Buffer.concat(chunks).toString())
      response.end()
    }
    const server = createServer((request, response) => void take(request, response))
    const address = `http://127.0.0.1:${await listen(server)}/`
    const more: Partial<RequestSpec> = {
      method: 'PUT',
      headers: { 'X-Token': { secret: 'TOKEN' } },
      auth: { bearer: { secret: 'TOKEN' } },
      body: { text: 'are you there?' },
    }
    expect(await check(url(address, {}, more))).toEqual(good)
    expect(seen).toEqual(['PUT', 'swordfish', 'Bearer swordfish', 'are you there?'])
    expect(await check(url(address, {}, { headers: { 'X-Token': { secret: 'NONE' } } }))).toMatchObject({
      kind: 'unable',
      reason: expect.stringContaining('Secret NONE is not set'),
    })
    expect(await check(url(address, {}, { method: 'HEAD' }))).toEqual(good)
  })

  test('follows as many redirects as it is told to, or takes the redirect itself for the answer', async () => {
    let hops = 0
    const server = createServer((request, response) => {
      hops++
      const left = Number(request.url?.slice(1))
      if (left === 0) response.writeHead(200).end('here')
      else response.writeHead(302, { Location: `/${left - 1}` }).end()
    })
    const port = await listen(server)
    const after = (redirects: number, expectation: UrlExpectation = {}) =>
      check(url(`http://127.0.0.1:${port}/2`, expectation, { redirects }))
    expect(await after(2, { body: { source: 'here', flags: '' } })).toEqual(good)
    expect(hops).toBe(3)
    expect(await after(1)).toEqual(failed('it answers with 302 after one redirect'))
    expect(await after(0, { status: [302] })).toEqual(good)
  })

  itWith('openssl')(
    'shows until when the certificate is valid, and refuses one that nobody vouches for',
    async () => {
      const path = await folder()
      const [keyFile, certFile] = [join(path, 'key.pem'), join(path, 'cert.pem')]
      execFileSync(
        'openssl',
        `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 10 -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout ${keyFile} -out ${certFile}`.split(
          ' ',
        ),
        { stdio: 'ignore' },
      )
      const [key, cert] = [await readFile(keyFile, 'utf8'), await readFile(certFile, 'utf8')]
      const port = await listen(createTlsServer({ key, cert }, (_request, response) => response.end('ok')))
      const address = `https://localhost:${port}/`
      const refused = await check(url(address))
      expect(refused).toEqual(
        failed('self-signed certificate (name the authority in tls.caFile to trust it)'),
      )
      expect(JSON.stringify(refused)).not.toContain('use-system-ca')
      expect(await check(url(address, {}, { tls: { caFile: certFile } }))).toEqual(good)
      expect(await check(url(address, {}, { tls: { verify: false } }))).toEqual(good)
      expect(await check(url(address, {}, { tls: { caFile: keyFile } }))).toMatchObject({
        kind: 'unable',
        reason: expect.stringContaining('there is no certificate in tls.caFile'),
      })
      const request = {
        url: new URL(address),
        method: 'GET',
        headers: {},
        signal: never,
        bodyLimitBytes: 100,
        isFresh: true,
      }
      for (let time = 0; time < 2; time++) {
        const { certificateEndsAt, body } = await httpRequest({ ...request, tls: { ca: cert } })
        expect(body.toString()).toBe('ok')
        expect(Math.round(((certificateEndsAt ?? 0) - Date.now()) / 86_400_000)).toBe(10)
      }
      expect(await httpRequest({ ...request, tls: { verify: false } })).toMatchObject({ status: 200 })
    },
  )
})
