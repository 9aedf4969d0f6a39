// Webhooks over TLS with certificates made by openssl, and a signature that openssl computes too.
//
// Covers `src/http-client/tls.ts`.

import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { perform } from '../../src/actions/perform.ts'
import type { WebhookSpec } from '../../src/model/action.ts'
import { Authority } from '../support/certificates.ts'
import type { KeyPair } from '../support/certificates.ts'
import { temporaryFolder } from '../support/hub.ts'
import { describeWith, itWith } from '../support/tools.ts'
import { desk, manner } from './attempt.ts'

let authority: Authority
let stranger: Authority
let server: KeyPair
let client: KeyPair
const webhook = (url: string, more: Partial<WebhookSpec> = {}): WebhookSpec => ({
  kind: 'webhook',
  url,
  method: 'POST',
  headers: {},
  ...manner,
  ...more,
})

async function listen(listener: Server): Promise<number> {
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  onTestFinished(() => void listener.close())
  return (listener.address() as AddressInfo).port
}

/** Answers with the name in the certificate that it was shown. */
async function serveTls(requestCert = false): Promise<string> {
  const options = { key: readFileSync(server.key), cert: readFileSync(server.cert) }
  const listener = createServer(
    { ...options, ca: readFileSync(authority.cert), requestCert, rejectUnauthorized: requestCert },
    ({ socket }, response) => response.end(String((socket as TLSSocket).getPeerCertificate?.().subject?.CN)),
  )
  return `https://127.0.0.1:${await listen(listener)}/`
}

describeWith('openssl')('a webhook over TLS', () => {
  beforeEach(() => {
    authority = new Authority(temporaryFolder())
    stranger = new Authority(temporaryFolder(), 'stranger')
    server = authority.sign('server')
    client = authority.sign('client')
  })

  test('trusts the authority that it is given, shows its certificate, or trusts anybody', async () => {
    const caFile = authority.cert
    const known = await serveTls(true)
    const shown = { caFile, certFile: client.cert, keyFile: client.key }
    expect(await perform(webhook(known, { tls: shown }), desk().context)).toMatchObject({
      kind: 'done',
      result: { body: 'client' },
    })
    const open = await serveTls()
    for (const tls of [{ caFile }, { verify: false }])
      expect(await perform(webhook(open, { tls }), desk().context)).toMatchObject({ kind: 'done' })
  })

  test('says what to change when it does not trust, or is not trusted', async () => {
    const open = await serveTls()
    const says = async (url: string, tls?: WebhookSpec['tls']): Promise<string> => {
      const outcome = await perform(webhook(url, { ...(tls && { tls }) }), desk().context)
      return outcome.kind === 'retry' ? outcome.reason.replace(/127\.0\.0\.1:\d+/, 'HOST') : outcome.kind
    }
    expect(await says(open)).toMatch(
      /^POST to HOST failed: .* \(name the authority in tls\.caFile to trust it\)$/,
    )
    expect(await says(open, { caFile: stranger.cert })).toMatch(
      / \(none of the authorities in tls\.caFile has signed it\)$/,
    )
    expect(await says(await serveTls(true), { caFile: authority.cert })).toBe(
      'POST to HOST failed: TLS: tlsv13 alert certificate required (the server wants to see tls.certFile and tls.keyFile)',
    )
    const plain = `https://127.0.0.1:${await listen(createHttpServer())}/`
    expect(await says(plain)).toBe(
      'POST to HOST failed: TLS: wrong version number (nothing speaks TLS there; is it http://?)',
    )
  })

  test('is given up when what it is given is no certificate, or not its key', async () => {
    const empty = join(temporaryFolder(), 'empty.pem')
    writeFileSync(empty, 'nothing')
    const url = await serveTls()
    const reasons = [
      [{ caFile: empty }, `there is no certificate in tls.caFile ${empty}; it is to be PEM`],
      [{ certFile: client.cert, keyFile: server.key }, 'tls.keyFile is not the key of tls.certFile'],
      [{ certFile: empty, keyFile: client.key }, 'tls.certFile and tls.keyFile cannot be used'],
    ] as const
    for (const [tls, reason] of reasons)
      expect(await perform(webhook(url, { tls }), desk().context)).toMatchObject({
        kind: 'give-up',
        reason: expect.stringContaining(`was not sent: ${reason}`),
      })
  })
})

itWith('openssl')('a signature is what openssl computes over the body that was sent', async () => {
  const file = join(temporaryFolder(), 'body')
  let signature: unknown
  const take = async (request: IncomingMessage): Promise<void> => {
    signature = request.headers['x-signature-256']
    writeFileSync(file, Buffer.concat(await request.toArray()))
  }
  const listener = createHttpServer((request, response) => void take(request).then(() => response.end()))
  const url = `http://127.0.0.1:${await listen(listener)}/`
  const sign = { key: { secret: 'KEY' }, header: 'X-Signature-256' }
  const { context } = desk({}, { environment: { KEY: 'sésame, öffne dich' } })
  await perform(webhook(url, { sign, body: { json: { door: 'open', who: 'Zoë' } } }), context)
  const said = execFileSync('openssl', ['dgst', '-sha256', '-hmac', 'sésame, öffne dich', '-r', file])
  expect(signature).toBe(`sha256=${said.toString().split(' ')[0]}`)
})
