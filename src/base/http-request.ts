// One HTTP request and its answer, bounded in time and size. Node's own client and not `fetch`: it takes TLS settings for
// one request, shows the certificate, and refuses no port. Redirects are not followed: the caller sees them.

import { Agent as HttpAgent, request as requestHttp } from 'node:http'
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { TLSSocket } from 'node:tls'

export interface HttpRequest {
  readonly url: URL
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  /** Ends the request: the promise rejects with the signal's reason. */
  readonly signal: AbortSignal
  /** Of the answer's body no more than this is read; the connection is closed then. */
  readonly bodyLimitBytes: number
  readonly tls?: HttpTls
  /** On a connection of its own, so that the answer speaks for reaching the server now, and shows its certificate. */
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

export interface HttpAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** There was more of the body than the limit. */
  readonly isCut: boolean
  /** Until when the server's certificate is valid, Unix ms; `null` without TLS. */
  readonly certificateEndsAt: number | null
}

// HTTP_PROXY, HTTPS_PROXY and NO_PROXY are obeyed.
const keeping = { keepAlive: true, proxyEnv: process.env }
// A resumed TLS session would not show the certificate.
const fresh = { keepAlive: false, maxCachedSessions: 0, proxyEnv: process.env }
const HTTP = { kept: new HttpAgent(keeping), fresh: new HttpAgent(fresh) }
const HTTPS = { kept: new HttpsAgent(keeping), fresh: new HttpsAgent(fresh) }

export async function httpRequest(request: HttpRequest): Promise<HttpAnswer> {
  const first = begin(request)
  let isAnswered = false
  first.once('response', () => (isAnswered = true))
  try {
    return await exchange(first, request)
  } catch (error) {
    // A kept connection that the server closed just then says nothing about the server: ask again on a new one. If it has begun to
    // answer, it has taken the request.
    const { code } = error as NodeJS.ErrnoException
    const isStale = first.reusedSocket && !isAnswered && code === 'ECONNRESET'
    if (!isStale || request.signal.aborted) throw error
    return await exchange(begin(request), request)
  }
}

function begin({ url, method, headers, body, tls, isFresh }: HttpRequest): ClientRequest {
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

// Plain listeners: the signal option of Node's client and an iterator over the answer cost twice what the request does.
async function exchange(sent: ClientRequest, request: HttpRequest): Promise<HttpAnswer> {
  const { body, signal, bodyLimitBytes } = request
  const answered = Promise.withResolvers<HttpAnswer>()
  const abort = (): void => {
    answered.reject(signal.reason)
    sent.destroy()
  }
  sent.on('error', answered.reject)
  sent.on('response', (answer) => readAnswer(answer, bodyLimitBytes, answered))
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  else sent.end(body)
  try {
    return await answered.promise
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** The rest of a body that is too long is not waited for: its connection is closed. */
function readAnswer(
  answer: IncomingMessage,
  limit: number,
  { resolve, reject }: PromiseWithResolvers<HttpAnswer>,
): void {
  const status = answer.statusCode ?? 0
  const { headers } = answer
  const endsAt = certificateEndsAt(answer)
  const chunks: Buffer[] = []
  let length = 0
  const end = (isCut: boolean): void => {
    const body = Buffer.concat(chunks).subarray(0, limit)
    resolve({ status, headers, body, isCut, certificateEndsAt: endsAt })
  }
  answer.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    length += chunk.length
    if (length <= limit) return
    end(true)
    answer.destroy()
  })
  answer.on('end', () => end(false))
  answer.on('error', reject)
}

function certificateEndsAt({ socket }: IncomingMessage): number | null {
  if (!(socket instanceof TLSSocket)) return null
  const { valid_to: end } = socket.getPeerCertificate()
  return end ? Date.parse(end) : null
}
