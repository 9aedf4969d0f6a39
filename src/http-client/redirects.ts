// Decides where a redirect leads and what is sent there. It follows the rules of browsers
// (https://fetch.spec.whatwg.org/#http-redirect-fetch) and one more: another host gets nothing that the
// author gave for the first one.

import type { HttpExchange, HttpHead } from './exchange.ts'

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** Headers that are the hub's own, or belong to the body. All others may hold credentials. */
const OPEN_HEADERS: ReadonlySet<string> = new Set(['accept', 'content-type', 'idempotency-key', 'user-agent'])

/** The address in a redirect, as the server wrote it; `undefined` for any other answer. */
export const redirectOf = ({ status, headers }: Pick<HttpHead, 'status' | 'headers'>): string | undefined =>
  REDIRECTS.has(status) ? headers.location : undefined

/**
 * The request that follows a redirect; `undefined` when the answer is none, or leads to no HTTP address. 303
 * makes a GET of any request but HEAD, 301 and 302 make one of a POST; 307 and 308 repeat the request, body
 * included.
 */
export function redirected(
  request: HttpExchange,
  answer: Pick<HttpHead, 'status' | 'headers'>,
): HttpExchange | undefined {
  const location = redirectOf(answer)
  const url = location === undefined ? null : URL.parse(location, request.url.href)
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) return undefined
  const { body, headers, tls, method, ...rest } = request
  const becomesGet =
    (answer.status === 303 && method !== 'HEAD') || (answer.status < 303 && method === 'POST')
  const isTrusted = isSameHost(request.url, url)
  const kept = Object.entries(headers).filter(([name]) => {
    const lower = name.toLowerCase()
    return (isTrusted || OPEN_HEADERS.has(lower)) && !(becomesGet && lower.startsWith('content-'))
  })
  return {
    ...rest,
    url,
    method: becomesGet ? 'GET' : method,
    headers: Object.fromEntries(kept),
    ...(body && !becomesGet && { body }),
    ...(tls && { tls: isTrusted ? tls : withoutIdentity(tls) }),
  }
}

/**
 * Whether two addresses have the same host and port, or lead from http to https on the usual ports. A
 * redirect from https to http never counts as the same.
 */
function isSameHost(from: URL, to: URL): boolean {
  if (from.hostname !== to.hostname) return false
  if (from.protocol === to.protocol) return from.port === to.port
  return from.protocol === 'http:' && from.port === '' && to.port === ''
}

const withoutIdentity = ({ cert: _cert, key: _key, ...trust }: NonNullable<HttpExchange['tls']>) => trust
