// Sends a request that is given as data, and says in words how it went. Webhooks, url pings and the channels
// of alerts all send through here; each judges the answer by its own measure.

import type { RequestSpec } from '../model/request.ts'
import type { Disclosure } from '../secrets/secrets.ts'
import { addressOf, compose } from './compose.ts'
import type { ComposedRequest } from './compose.ts'
import { failureOf } from './failure.ts'
import type { RequestFailure } from './failure.ts'
import type { HttpAnswer } from './exchange.ts'
import { httpRequest } from './request.ts'
import { Unsendable } from './unsendable.ts'

export interface SendOptions {
  readonly disclosure: Disclosure
  /** See `HttpExchange`. */
  readonly signal: AbortSignal
  readonly bodyLimitBytes: number
  readonly isFresh?: boolean
  /** Sent unless the spec sets them. */
  readonly headers?: Readonly<Record<string, string>>
}

/** `what` is the request, such as `POST to example.org`. */
export type Sent =
  | { readonly kind: 'answered'; readonly what: string; readonly answer: HttpAnswer }
  /**
   * No answer came, which may be different next time. `why` begins in lower case and may end in a hint in
   * parentheses.
   */
  | (RequestFailure & { readonly kind: 'unanswered'; readonly what: string })
  /** Nothing was sent, and the same request never will be. */
  | (RequestFailure & { readonly kind: 'unsendable'; readonly what: string })

/** @throws MissingSecret */
export async function send(spec: RequestSpec, options: SendOptions): Promise<Sent> {
  const { disclosure, headers, ...bounds } = options
  let what = `${spec.method} request`
  let url: URL
  let request: ComposedRequest
  try {
    url = addressOf(spec, disclosure)
    // A secret may stand anywhere in an address: messages name no more than its host.
    what = `${spec.method} to ${url.host}`
    request = compose(spec, url, disclosure, headers)
  } catch (error) {
    if (error instanceof Unsendable) return { kind: 'unsendable', what, why: error.message, isLocal: true }
    throw error
  }
  try {
    return { kind: 'answered', what, answer: await httpRequest({ ...request, ...bounds }) }
  } catch (error) {
    const { kind, ...failure } = failureOf(error, { url, tls: spec.tls })
    return { kind, what, ...failure }
  }
}
