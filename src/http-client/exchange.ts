// One HTTP exchange: a request and its answer, bounded in time and size. It uses Node's own client instead of
// `fetch`, which cannot take TLS settings for one request, does not show the certificate, and refuses some
// ports.
//
// Always: once the head of an answer has come, the promise resolves. So the caller learns that its POST was
// answered with 200, even if the body of the answer trickles, breaks off, or does not end in time.

import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { TLSSocket } from 'node:tls'
import { lookup } from './lookup.ts'
import { Agent as HttpAgent, request as requestHttp } from '../base/node-http.ts'

export interface HttpExchange {
  readonly url: URL
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  /**
   * Ends the request. Before the head of the answer has come, the promise rejects with the signal's reason;
   * after that, it resolves with as much of the body as there is.
   */
  readonly signal: AbortSignal
  /**
   * The number of bytes of the body to read; the connection is closed after them. With 0 only the head is
   * awaited.
   */
  readonly bodyLimitBytes: number
  readonly tls?: HttpTls
  /**
   * Uses a new connection, so that the answer proves that the server can be reached now, and shows its
   * certificate.
   */
  readonly isFresh?: boolean
}

export interface HttpTls {
  /** Certificates to trust instead of the system's, PEM. */
  readonly ca?: string
  /** Certificate and key to show, PEM. */
  readonly cert?: string
  readonly key?: string
  /** `false` takes any certificate. */
  readonly verify?: boolean
}

export interface HttpAnswer extends HttpHead, HttpBody {}

export interface HttpHead {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** The time from the request to the head of the answer. */
  readonly headAfterMs: number
  /** The end of the server certificate's validity, Unix ms; `null` without TLS. */
  readonly certificateEndsAt: number | null
}

export interface HttpBody {
  readonly body: Buffer
  /** The reason why the body may be longer than what was read; `null` when it was read to its end. */
  readonly cut: 'limit' | 'time' | 'broken' | null
}

// HTTP_PROXY, HTTPS_PROXY and NO_PROXY are obeyed.
const keeping = { keepAlive: true, proxyEnv: process.env }
// A resumed TLS session would not show the certificate.
const fresh = { keepAlive: false, maxCachedSessions: 0, proxyEnv: process.env, lookup }
const HTTP = { kept: new HttpAgent(keeping), fresh: new HttpAgent(fresh) }
const HTTPS = { kept: new HttpsAgent(keeping), fresh: new HttpsAgent(fresh) }

/** @param isBodyWanted otherwise the head is the answer; not asked when the limit is 0 */
export async function exchange(
  request: HttpExchange,
  isBodyWanted: (head: HttpHead) => boolean = () => true,
): Promise<HttpAnswer> {
  const first = begin(request)
  let isAnswered = false
  first.once('response', () => (isAnswered = true))
  try {
    return await finish(first, request, isBodyWanted)
  } catch (error) {
    // A kept connection that the server closed just then says nothing about the server: ask again on a new
    // one. If it has begun to answer, it has taken the request.
    const { code } = error as NodeJS.ErrnoException
    const isStale = first.reusedSocket && !isAnswered && code === 'ECONNRESET'
    if (!isStale || request.signal.aborted) throw error
    return await finish(begin(request), request, isBodyWanted)
  }
}

function begin({ url, method, headers, body, tls, isFresh }: HttpExchange): ClientRequest {
  const way = isFresh ? 'fresh' : 'kept'
  const options = {
    method,
    headers: { ...(body && { 'Content-Length': String(body.length) }), ...headers },
  }
  if (url.protocol === 'http:') return requestHttp(url, { ...options, agent: HTTP[way] })
  return requestHttps(url, {
    ...options,
    agent: HTTPS[way],
    ...(tls?.ca !== undefined && { ca: tls.ca }),
    ...(tls?.cert !== undefined && { cert: tls.cert }),
    ...(tls?.key !== undefined && { key: tls.key }),
    ...(tls?.verify === false && { rejectUnauthorized: false }),
  })
}

// Plain listeners: the signal option of Node's client and an iterator over the answer cost twice what the
// request does.
async function finish(
  sent: ClientRequest,
  { body, signal, bodyLimitBytes }: HttpExchange,
  isBodyWanted: (head: HttpHead) => boolean,
): Promise<HttpAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>()
  const begunAt = performance.now()
  /** Ends the body; set when the head has come. */
  let endBody: ((cut: 'time' | 'broken') => void) | undefined
  const abort = (): void => {
    if (endBody) endBody('time')
    else reject(signal.reason as Error)
    sent.destroy()
  }
  // Once the head has come, rejecting has no effect: the answer itself tells how the exchange ends.
  sent.on('error', reject)
  // The connection may close without an error, as when the server switches to another protocol, which nobody
  // here speaks.
  sent.on('close', () => {
    if (!endBody) reject(new Error('the connection was closed without an answer'))
  })
  sent.on('response', (answer) => {
    const head: HttpHead = {
      status: answer.statusCode ?? 0,
      headers: answer.headers,
      headAfterMs: Math.round(1000 * (performance.now() - begunAt)) / 1000,
      certificateEndsAt: certificateEndsAt(answer),
    }
    const limit = isBodyWanted(head) ? bodyLimitBytes : 0
    endBody = readBody(answer, limit, (read) => resolve({ ...head, ...read }))
  })
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  else sent.end(body)
  try {
    return await promise
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/**
 * Reads a body up to the limit, and closes the connection when there is more. With a limit of 0 nothing is
 * waited for.
 * @returns what ends it before that: what was read until then counts
 */
function readBody(
  answer: IncomingMessage,
  limit: number,
  done: (read: HttpBody) => void,
): (cut: 'time' | 'broken') => void {
  const chunks: Buffer[] = []
  let length = 0
  const end = (cut: HttpBody['cut']): void => done({ body: Buffer.concat(chunks).subarray(0, limit), cut })
  answer.on('error', () => end('broken'))
  answer.on('close', () => end('broken'))
  if (limit === 0) {
    end('limit')
    answer.destroy()
    return end
  }
  answer.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    length += chunk.length
    if (length <= limit) return
    end('limit')
    answer.destroy()
  })
  answer.on('end', () => end(null))
  return end
}

function certificateEndsAt({ socket }: IncomingMessage): number | null {
  if (!(socket instanceof TLSSocket)) return null
  const { valid_to: end } = socket.getPeerCertificate()
  return end ? Date.parse(end) : null
}
