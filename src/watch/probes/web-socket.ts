// The handshake of a WebSocket: the server takes it. Nothing is sent after that.

import { addressOf, compose } from '../../http-client/compose.ts'
import { failureOf } from '../../http-client/failure.ts'
import { lookup } from '../../http-client/lookup.ts'
import { Unsendable } from '../../http-client/unsendable.ts'
import type { TargetOf } from '../../model/probe.ts'
import { Disclosure, MissingSecret } from '../../secrets/secrets.ts'
import { failed, latencySince } from './dial.ts'
import type { Check } from './check.ts'
import type { ProbeContext } from './probe-context.ts'

export async function probeWebSocket(
  { request, protocol }: TargetOf<'webSocket'>,
  { signal, secrets }: Pick<ProbeContext, 'signal' | 'secrets'>,
): Promise<Check> {
  signal.throwIfAborted()
  const disclosure = new Disclosure(secrets)
  try {
    const { url, headers, tls } = compose(request, addressOf(request, disclosure), disclosure)
    const { verify, ...files } = tls ?? {}
    const { WebSocket } = await import('ws')
    const begunAt = performance.now()
    return await new Promise((resolve, reject) => {
      const webSocket = new WebSocket(url, protocol, {
        ...files,
        headers,
        lookup,
        rejectUnauthorized: verify ?? true,
      })
      const abort = (): void => {
        reject(signal.reason as Error)
        webSocket.terminate()
      }
      signal.addEventListener('abort', abort, { once: true })
      webSocket.once('open', () => {
        resolve({ kind: 'good', latencyMs: latencySince(begunAt) })
        webSocket.terminate()
      })
      webSocket.once('unexpected-response', (_request, { statusCode }) => {
        resolve(failed(`it answers with ${statusCode} and no WebSocket`))
        webSocket.terminate()
      })
      webSocket.on('error', (error) => {
        const { isLocal, why } = failureOf(error, { url, tls: request.tls })
        resolve({ kind: isLocal ? 'unable' : 'failed', reason: disclosure.redact(why) })
      })
      webSocket.once('close', () => signal.removeEventListener('abort', abort))
    })
  } catch (error) {
    if (error instanceof MissingSecret || error instanceof Unsendable)
      return { kind: 'unable', reason: disclosure.redact(error.message) }
    throw error
  }
}
