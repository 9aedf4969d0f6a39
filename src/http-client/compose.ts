// Composes the request that is sent from a request as data: reads secrets, encodes the body, builds and
// checks the headers.

import { createHmac } from 'node:crypto'
import { validateHeaderName, validateHeaderValue } from '../base/node-http.ts'
import { printable } from '../base/printable.ts'
import type { RequestAuth, RequestBody, RequestSpec } from '../model/request.ts'
import type { Disclosure } from '../secrets/secrets.ts'
import type { HttpRequest } from './request.ts'
import { readTls } from './tls.ts'
import { Unsendable } from './unsendable.ts'

export type ComposedRequest = Omit<HttpRequest, 'signal' | 'bodyLimitBytes' | 'isFresh'>

/** @throws Unsendable when the address is none */
export function addressOf({ url: text }: RequestSpec, disclosure: Disclosure): URL {
  const address = disclosure.resolve(text)
  const url = URL.parse(address)
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return url
  throw new Unsendable(
    `${printable(disclosure.redact(address))} is no address that begins with http:// or https://`,
  )
}

/**
 * @param ownHeaders sent unless the spec sets them
 * @throws Unsendable for a mistake in the spec, MissingSecret
 */
export function compose(
  spec: RequestSpec,
  url: URL,
  disclosure: Disclosure,
  ownHeaders: Readonly<Record<string, string>> = {},
): ComposedRequest {
  const { method, auth, sign, redirects } = spec
  requireMethod(method)
  const [type, body] = spec.body ? encodeBody(spec.body) : [undefined, undefined]
  const headers: Record<string, string> = {
    'User-Agent': 'vigie',
    ...(type !== undefined && { 'Content-Type': type }),
    ...ownHeaders,
  }
  const set = (name: string, value: string, isShown = false): void => {
    requireHeader(name, value, isShown)
    // Names differ in case only: the author's own header replaces the hub's.
    for (const same of Object.keys(headers))
      if (same.toLowerCase() === name.toLowerCase()) delete headers[same]
    headers[name] = value
  }
  if (auth) set('Authorization', authorization(auth, disclosure))
  for (const [name, value] of Object.entries(spec.headers))
    set(name, disclosure.resolve(value), typeof value === 'string')
  if (sign) {
    const key = disclosure.read(sign.key.secret)
    const signature = createHmac('sha256', key)
      .update(body ?? '')
      .digest('hex')
    set(sign.header, `sha256=${signature}`)
  }
  return {
    url,
    method,
    headers,
    ...(body && { body }),
    ...(spec.tls && { tls: readTls(spec.tls) }),
    ...(redirects !== undefined && { redirects }),
  }
}

function encodeBody(body: RequestBody): [type: string, Buffer] {
  if ('json' in body) return ['application/json', Buffer.from(JSON.stringify(body.json))]
  if ('form' in body)
    return ['application/x-www-form-urlencoded', Buffer.from(new URLSearchParams(body.form).toString())]
  if ('bytes' in body) return ['application/octet-stream', Buffer.from(body.bytes)]
  return ['text/plain; charset=utf-8', Buffer.from(body.text)]
}

function authorization(auth: RequestAuth, disclosure: Disclosure): string {
  if ('bearer' in auth) return `Bearer ${disclosure.resolve(auth.bearer)}`
  const pair = `${disclosure.resolve(auth.user)}:${disclosure.resolve(auth.password)}`
  const encoded = Buffer.from(pair).toString('base64')
  disclosure.conceal(encoded, 'credentials')
  return `Basic ${encoded}`
}

/** [RFC 9110, 5.6.2] */
function requireMethod(method: string): void {
  if (!/^[!#$%&'*+.^_`|~\dA-Za-z-]+$/.test(method))
    throw new Unsendable(`its method ${JSON.stringify(method)} holds a character that HTTP forbids`)
}

/** @param isShown whether a character of the value may be told: none of a secret may */
function requireHeader(name: string, value: string, isShown: boolean): void {
  try {
    validateHeaderName(name)
  } catch {
    throw new Unsendable(`its header ${JSON.stringify(name)} has a name that HTTP forbids`)
  }
  try {
    validateHeaderValue(name, value)
  } catch {
    const [odd = ''] = /[^\t\x20-\x7e\x80-\xff]/u.exec(value) ?? []
    const code = `U+${(odd.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
    const which = isShown && odd !== '' ? ` (${printable(odd)}, ${code})` : ''
    throw new Unsendable(`its header ${name} holds a character that HTTP forbids${which}`)
  }
}
