// A connection for one check: made, talked on, and closed, whatever comes of it.

import { once } from 'node:events'
import { connect as connectTcp, isIP } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import { failureOf } from '../../http-client/failure.ts'
import { localProblem } from '../../http-client/local-errors.ts'
import { lookup } from '../../http-client/lookup.ts'
import { readTls } from '../../http-client/tls.ts'
import { Unsendable } from '../../http-client/unsendable.ts'
import { formatDuration } from '../../base/quantities.ts'
import type { Address } from '../../model/probe.ts'
import type { TlsFiles } from '../../model/request.ts'
import type { Check } from './check.ts'

/**
 * Connects and talks. A socket that fails, or is aborted, rejects whatever the talk waits for, and the check
 * has failed with the reason.
 * @param tls present: the connection is encrypted
 */
export async function dial(
  { host, port }: Address,
  { signal, tls }: { readonly signal: AbortSignal; readonly tls?: TlsFiles | undefined },
  talk: (socket: Socket) => Promise<Check> | Check,
): Promise<Check> {
  let socket: Socket | undefined
  const abort = (): void => void socket?.destroy(signal.reason as Error)
  try {
    signal.throwIfAborted()
    socket = tls
      ? connectTls({ host, port, lookup, ...tlsOptions(host, tls) })
      : connectTcp({ host, port, lookup })
    socket.on('error', () => {})
    signal.addEventListener('abort', abort)
    await once(socket, tls ? 'secureConnect' : 'connect')
    const check = await talk(socket)
    // What was written as a good-bye is sent yet.
    socket.destroySoon()
    return check
  } catch (error) {
    socket?.destroy()
    return failedOf(error, { host, port }, tls)
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** The connection goes on encrypted. */
export async function encrypt(socket: Socket, host: string, tls: TlsFiles = {}): Promise<TLSSocket> {
  const encrypted = connectTls({ socket, ...tlsOptions(host, tls) })
  encrypted.on('error', () => {})
  await once(encrypted, 'secureConnect')
  return encrypted
}

function tlsOptions(host: string, tls: TlsFiles): ConnectionOptions {
  const { verify = true, ...files } = readTls(tls)
  return { ...files, rejectUnauthorized: verify, ...(isIP(host) === 0 && { servername: host }) }
}

/** Why the certificate of a connection is not valid for long enough; `undefined` when it is. */
export function certificateProblem(endsAt: number, now: number, leastMs: number): string | undefined {
  const leftMs = endsAt - now
  return leftMs < leastMs ? `its certificate is valid for ${formatDuration(leftMs)} only` : undefined
}

/** Milliseconds since then, to the microsecond. */
export const latencySince = (begunAt: number): number =>
  Math.round(1000 * (performance.now() - begunAt)) / 1000

export const failed = (reason: string): Check => ({ kind: 'failed', reason })

/** What an error of a connection says of the other side, or of this machine. */
export function failedOf(error: unknown, { host, port }: Address, tls: TlsFiles | undefined): Check {
  if (error instanceof Unsendable) return { kind: 'unable', reason: error.message }
  const local = localProblem(error)
  if (local !== undefined) return { kind: 'unable', reason: local }
  const { code = '', message } = error as NodeJS.ErrnoException
  const words = WORDS[code]
  if (words !== undefined) return failed(words)
  if (message.includes('wrong version number')) return failed('nothing speaks TLS there')
  const url = new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`)
  const { kind, why } = failureOf(error, { url, tls })
  return { kind: kind === 'unsendable' ? 'unable' : 'failed', reason: why }
}

const WORDS: Readonly<Record<string, string>> = {
  ABORT_ERR: 'it closed the connection',
  EAI_AGAIN: 'names cannot be looked up now',
  ECONNREFUSED: 'the connection was refused: nothing listens there',
  ECONNRESET: 'the connection was reset',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  ENOTFOUND: 'the name is not known',
}
