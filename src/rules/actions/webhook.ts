// `webhook(url, { … })`: an HTTP request; by default a POST of the event as JSON.

import type { WebhookSpec, WebhookTls } from '../../model/action.ts'
import { action } from './action.ts'
import type { Action, ActionOptions } from './action.ts'
import { jsonOf } from './content.ts'
import { secretRef, secretText, secretTexts } from './secret.ts'
import type { Secret, SecretOrText } from './secret.ts'

export interface WebhookOptions extends ActionOptions {
  /** By default POST. */
  readonly method?: string
  readonly headers?: Readonly<Record<string, SecretOrText>>
  /** What is sent, one of these; by default the event as JSON. */
  readonly json?: unknown
  readonly form?: Readonly<Record<string, string | number | boolean>>
  readonly text?: string
  readonly auth?:
    | { readonly user: SecretOrText; readonly password: SecretOrText }
    | { readonly bearer: SecretOrText }
  /** HMAC-SHA-256 of the body in a header; by default `X-Signature-256`. */
  readonly sign?: { readonly key: Secret; readonly header?: string }
  /** What counts as success; by default a status from 200 to 299. */
  readonly expect?: {
    readonly status?: number | readonly number[]
    /** Searched in the body of the answer. */
    readonly body?: RegExp
  }
  /** Files of certificates and keys, in PEM form. */
  readonly tls?: WebhookTls
}

export function webhook(url: SecretOrText, options: WebhookOptions = {}): Action {
  const { method = 'POST', headers = {}, auth, sign, expect, tls } = options
  requireUrl(url)
  const body = bodyOf(options)
  return action(
    'webhook',
    {
      kind: 'spec',
      spec: {
        kind: 'webhook',
        url: secretText(url),
        method: method.toUpperCase(),
        headers: secretTexts(headers),
        ...(body && { body }),
        ...(auth && { auth: authOf(auth) }),
        ...(sign && { sign: { key: secretRef(sign.key), header: sign.header ?? 'X-Signature-256' } }),
        ...(expect && { expect: expectOf(expect) }),
        ...(tls && { tls }),
      },
    },
    options,
    { timeout: '10s', attempts: 5 },
  )
}

function requireUrl(url: SecretOrText): void {
  if (typeof url === 'string' && !(URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)))
    throw new TypeError(`webhook: ${JSON.stringify(url)} is no address that begins with http:// or https://`)
}

function bodyOf({ json, form, text }: WebhookOptions): WebhookSpec['body'] {
  const given = Object.entries({ json, form, text }).flatMap(([name, value]) =>
    value === undefined ? [] : [name],
  )
  if (given.length > 1)
    throw new TypeError(`webhook: ${given.join(' and ')} are given; one request has one body`)
  if (json !== undefined) return { json: jsonOf('webhook', json) }
  if (form !== undefined)
    return { form: Object.fromEntries(Object.entries(form).map(([name, value]) => [name, String(value)])) }
  return text === undefined ? undefined : { text }
}

const authOf = (auth: NonNullable<WebhookOptions['auth']>): NonNullable<WebhookSpec['auth']> =>
  'bearer' in auth
    ? { bearer: secretText(auth.bearer) }
    : { user: secretText(auth.user), password: secretText(auth.password) }

const expectOf = ({
  status,
  body,
}: NonNullable<WebhookOptions['expect']>): NonNullable<WebhookSpec['expect']> => ({
  ...(status !== undefined && { status: typeof status === 'number' ? [status] : status }),
  ...(body && { body: { source: body.source, flags: body.flags } }),
})
