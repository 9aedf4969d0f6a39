// The webhook action: one HTTP request. What may pass (no connection, 408, 425, 429, 5xx) is tried again, not
// before the server's Retry-After; any other answer that was not wanted is final: the server has taken the
// request. Redirects are not followed, because a POST would be repeated, headers and all, to an address that
// nobody wrote into the rule.

import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { httpRequest } from '../base/http-request.ts'
import type { HttpAnswer, HttpTls } from '../base/http-request.ts'
import { printable } from '../base/printable.ts'
import type { WebhookSpec, WebhookTls } from '../model/action.ts'
import { eventJson } from '../model/event-json.ts'
import { jsonText } from '../model/json.ts'
import type { JsonObject } from '../model/json.ts'
import type { Outcome } from '../model/outcome.ts'
import { stepKey } from './context.ts'
import type { Attempt } from './context.ts'
import { retryAfterMs } from './retry-after.ts'
import { textTail } from './tail.ts'
import { failureOf, UnusableTls } from './webhook-failure.ts'

/** As far as the body of an answer is read, and searched by `expect`. */
const BODY_LIMIT_BYTES = 256 * 1024
/** What is kept of it in the result: its end. */
const KEPT_BYTES = 4 * 1024
/** Statuses besides 5xx that speak of now and not of the request. */
const PASSING_STATUSES: ReadonlySet<number> = new Set([408, 425, 429])

export type WebhookRequest = Pick<
  WebhookSpec,
  'url' | 'method' | 'headers' | 'body' | 'auth' | 'sign' | 'expect' | 'tls'
>

export const performWebhook = (spec: WebhookSpec, attempt: Attempt): Promise<Outcome> =>
  sendWebhook(spec, attempt)

export async function sendWebhook(spec: WebhookRequest, attempt: Attempt): Promise<Outcome> {
  const { disclosure, hub, signal } = attempt
  const target = disclosure.resolve(spec.url)
  // A secret may stand anywhere in an address: messages name no more than its host.
  const url = URL.parse(target)
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    return giveUp(
      `${printable(disclosure.redact(target))} is no address that begins with http:// or https://`,
    )
  const what = `${spec.method} to ${url.host}`
  const begunAt = performance.now()
  let answer: HttpAnswer
  try {
    const { headers, body } = compose(spec, attempt)
    const tls = spec.tls && readTls(spec.tls)
    answer = await httpRequest({
      url,
      method: spec.method,
      headers,
      body,
      signal,
      bodyLimitBytes: BODY_LIMIT_BYTES,
      ...(tls && { tls }),
    })
  } catch (error) {
    return failureOf(error, { what, url, tls: spec.tls })
  }
  const result: JsonObject = {
    status: answer.status,
    durationMs: Math.round(performance.now() - begunAt),
    body: textTail(answer.body, { limit: KEPT_BYTES, cut: answer.isCut ? 'end' : 'nowhere', disclosure }),
  }
  return judge(spec, answer, what, hub.clock.now(), result)
}

function compose(spec: WebhookRequest, attempt: Attempt): { headers: Record<string, string>; body: Buffer } {
  const { disclosure } = attempt
  const [type, body] = encodeBody(spec, attempt)
  const headers: Record<string, string> = {
    'User-Agent': 'vigie',
    ...(type !== undefined && { 'Content-Type': type }),
    'Idempotency-Key': stepKey(attempt),
  }
  const set = (name: string, value: string): void => {
    // Names differ in case only: the rule's own header takes the place of ours.
    for (const same of Object.keys(headers))
      if (same.toLowerCase() === name.toLowerCase()) delete headers[same]
    headers[name] = value
  }
  if (spec.auth) set('Authorization', authorization(spec.auth, attempt))
  for (const [name, value] of Object.entries(spec.headers)) set(name, disclosure.resolve(value))
  if (spec.sign) {
    const key = disclosure.read(spec.sign.key.secret)
    set(spec.sign.header, `sha256=${createHmac('sha256', key).update(body).digest('hex')}`)
  }
  return { headers, body }
}

function encodeBody({ body, method }: WebhookRequest, attempt: Attempt): [type: string | undefined, Buffer] {
  if (!body && (method === 'GET' || method === 'HEAD')) return [undefined, Buffer.alloc(0)]
  if (!body) return ['application/json', Buffer.from(jsonText(eventJson(attempt.event, attempt.params)))]
  if ('json' in body) return ['application/json', Buffer.from(JSON.stringify(body.json))]
  if ('form' in body)
    return ['application/x-www-form-urlencoded', Buffer.from(new URLSearchParams(body.form).toString())]
  return ['text/plain; charset=utf-8', Buffer.from(body.text)]
}

function authorization(auth: NonNullable<WebhookSpec['auth']>, { disclosure }: Attempt): string {
  if ('bearer' in auth) return `Bearer ${disclosure.resolve(auth.bearer)}`
  const pair = `${disclosure.resolve(auth.user)}:${disclosure.resolve(auth.password)}`
  const encoded = Buffer.from(pair).toString('base64')
  disclosure.conceal(encoded, 'credentials')
  return `Basic ${encoded}`
}

function readTls({ caFile, certFile, keyFile, verify }: WebhookTls): HttpTls {
  return {
    ...(caFile !== undefined && { ca: certificatesIn(caFile) }),
    ...(certFile !== undefined && { cert: readFileSync(certFile, 'utf8') }),
    ...(keyFile !== undefined && { key: readFileSync(keyFile, 'utf8') }),
    ...(verify !== undefined && { verify }),
  }
}

/** OpenSSL takes any file, and trusts nobody then. */
function certificatesIn(caFile: string): string {
  const text = readFileSync(caFile, 'utf8')
  if (/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----/.test(text)) return text
  throw new UnusableTls(`there is no certificate in tls.caFile ${caFile}; it is to be PEM`)
}

function judge(
  { expect = {} }: WebhookRequest,
  answer: HttpAnswer,
  what: string,
  now: number,
  result: JsonObject,
): Outcome {
  const { status, headers, body } = answer
  const isWanted = expect.status ? expect.status.includes(status) : status >= 200 && status < 300
  if (isWanted) {
    if (!expect.body || new RegExp(expect.body.source, expect.body.flags).test(body.toString()))
      return { kind: 'done', result }
    return giveUp(
      `${what} was answered with ${status}, but /${expect.body.source}/ is not in the body`,
      result,
    )
  }
  if (PASSING_STATUSES.has(status) || status >= 500) {
    const afterMs = retryAfterMs(headers['retry-after'], now)
    const reason = `${what} was answered with ${status}`
    return { kind: 'retry', reason, result, ...(afterMs !== undefined && { afterMs }) }
  }
  if (status >= 300 && status < 400 && headers.location !== undefined) {
    const to = URL.parse(headers.location)?.host ?? 'another path of the same host'
    return giveUp(
      `${what} was answered with ${status}, a redirect to ${to}: redirects are not followed, so write the new address into the rule`,
      result,
    )
  }
  return giveUp(`${what} was answered with ${status}`, result)
}

const giveUp = (reason: string, result?: JsonObject): Outcome => ({
  kind: 'give-up',
  reason,
  ...(result && { result }),
})
