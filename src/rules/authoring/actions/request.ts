// An HTTP request as authors write it, both for `webhook` and for a `ping` of a URL.

import type { RequestAuth, RequestBody, RequestSpec, TlsFiles } from '../../../model/request.ts'
import { jsonOf } from './content.ts'
import { flag, json, name, object, record, requireKinds, secretOrText, text, whole } from './options.ts'
import type { Kinds } from './options.ts'
import { secretText, secretTexts } from './secret.ts'
import type { SecretOrText } from './secret.ts'

export interface RequestOptions {
  readonly method?: string
  readonly headers?: Readonly<Record<string, SecretOrText>>
  /** The body: one of `json`, `form` and `text`. */
  readonly json?: unknown
  readonly form?: Readonly<Record<string, string | number | boolean>>
  readonly text?: string
  readonly auth?:
    | { readonly user: SecretOrText; readonly password: SecretOrText }
    | { readonly bearer: SecretOrText }
  /** PEM files of certificates and keys; `verify: false` accepts any certificate. */
  readonly tls?: TlsFiles
  /** How many redirects are followed; by default 0. */
  readonly redirects?: number
}

export const REQUEST_KINDS: Kinds = {
  method: name,
  headers: record(secretOrText),
  json,
  form: record({
    expected: 'a text, a number, true or false',
    test: (value) => ['string', 'number', 'boolean'].includes(typeof value),
  }),
  text,
  auth: object,
  tls: object,
  redirects: whole(0),
}

const TLS: Kinds = { caFile: name, certFile: name, keyFile: name, verify: flag }

/**
 * The request as data.
 * @param owner for messages: `webhook`
 * @throws TypeError with a sentence for the author
 */
export function requestSpec(
  owner: string,
  url: SecretOrText,
  options: RequestOptions,
  defaultMethod: string,
): RequestSpec {
  const { method = defaultMethod, headers = {}, auth, tls, redirects } = options
  requireUrl(owner, url)
  if (tls !== undefined) requireTls(owner, tls)
  const body = bodyOf(owner, options)
  return {
    url: secretText(url),
    method: method.toUpperCase(),
    headers: secretTexts(headers),
    ...(body && { body }),
    ...(auth && { auth: authOf(owner, auth) }),
    ...(tls && { tls }),
    ...(redirects !== undefined && { redirects }),
  }
}

function requireUrl(owner: string, url: SecretOrText): void {
  if (!secretOrText.test(url)) throw new TypeError(`${owner}: the address is to be ${secretOrText.expected}`)
  if (typeof url === 'string' && !(URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)))
    throw new TypeError(`${owner}: ${JSON.stringify(url)} is no address that begins with http:// or https://`)
}

export function requireTls(owner: string, tls: TlsFiles): void {
  requireKinds(`${owner}: tls`, tls, TLS)
  if ((tls.certFile === undefined) !== (tls.keyFile === undefined))
    throw new TypeError(`${owner}: tls: certFile and keyFile belong together; give both`)
}

function bodyOf(owner: string, { json: data, form, text: plain }: RequestOptions): RequestBody | undefined {
  const given = Object.entries({ json: data, form, text: plain }).flatMap(([key, value]) =>
    value === undefined ? [] : [key],
  )
  if (given.length > 1)
    throw new TypeError(`${owner}: ${given.join(' and ')} are given; one request has one body`)
  if (data !== undefined) return { json: jsonOf(owner, data) }
  if (form !== undefined)
    return { form: Object.fromEntries(Object.entries(form).map(([key, value]) => [key, String(value)])) }
  return plain === undefined ? undefined : { text: plain }
}

function authOf(owner: string, auth: NonNullable<RequestOptions['auth']>): RequestAuth {
  if ('bearer' in auth) {
    requireKinds(`${owner}: auth`, auth, { bearer: secretOrText })
    return { bearer: secretText(auth.bearer) }
  }
  requireKinds(`${owner}: auth`, auth, { user: secretOrText, password: secretOrText })
  if (auth.user === undefined || auth.password === undefined)
    throw new TypeError(`${owner}: auth: expected { bearer }, or { user, password }`)
  return { user: secretText(auth.user), password: secretText(auth.password) }
}
