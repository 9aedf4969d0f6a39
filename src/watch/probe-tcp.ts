// A TCP connection: made, measured, closed. Nothing is sent.

import { connect } from 'node:net'
import { localProblem } from '../http-client/local-errors.ts'
import type { Check } from './flip.ts'

export function probeTcp(
  { host, port }: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<Check> {
  return new Promise((resolve) => {
    const begunAt = performance.now()
    const socket = connect({ host, port })
    const end = (check: Check): void => {
      signal.removeEventListener('abort', abort)
      socket.destroy()
      resolve(check)
    }
    const abort = (): void => end({ kind: 'failed', reason: (signal.reason as Error).message })
    socket.once('connect', () => end({ kind: 'good', latencyMs: latency(begunAt) }))
    socket.once('error', (error: NodeJS.ErrnoException) => end(failureOf(error)))
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort)
  })
}

/** Milliseconds since then, to the microsecond. */
const latency = (begunAt: number): number => Math.round(1000 * (performance.now() - begunAt)) / 1000

function failureOf(error: NodeJS.ErrnoException): Check {
  const local = localProblem(error)
  return local === undefined ? { kind: 'failed', reason: sentence(error) } : { kind: 'unable', reason: local }
}

/** The meaning of a network error in words; its own message where there are none. */
function sentence(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'the connection was refused: nothing listens there'
    case 'ENOTFOUND':
      return 'the name is not known'
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'there is no way to it'
    case 'ECONNRESET':
      return 'the connection was reset'
    case undefined:
    default:
      // Several addresses were tried: the message of all together is empty.
      return error.message || (error.code ?? 'it failed')
  }
}
