// Makes the stream of bytes to another broker: TCP, TLS or WebSocket, whatever the address says.

import { once } from 'node:events'
import { connect as connectTcp, isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { createWebSocketStream, WebSocket } from 'ws'
import { failureOf } from '../../http-client/failure.ts'
import { lookup } from '../../http-client/lookup.ts'
import { readTls } from '../../http-client/tls.ts'
import { Unsendable } from '../../http-client/unsendable.ts'
import type { LinkTls } from '../settings.ts'

const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  'mqtt:': 1883,
  'mqtts:': 8883,
  'ws:': 80,
  'wss:': 443,
}

/** Why there is no connection: the rest of a sentence that begins with the address. */
export class DialError extends Error {}

/**
 * Connects. The signal ends the attempt.
 * @throws DialError
 */
export async function dial(address: string, tls: LinkTls | undefined, signal: AbortSignal): Promise<Duplex> {
  const url = new URL(address)
  let stream: Duplex | undefined
  const abort = (): void => void stream?.destroy(signal.reason as Error)
  signal.addEventListener('abort', abort)
  try {
    signal.throwIfAborted()
    const { stream: begun, ready } = open(url, tls)
    stream = begun
    // An error after the connection is made is told by `close`.
    stream.on('error', () => {})
    await ready
    signal.throwIfAborted()
    return stream
  } catch (error) {
    stream?.destroy()
    throw new DialError(whyNot(error, url, tls), { cause: error })
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

interface Opening {
  readonly stream: Duplex
  readonly ready: Promise<unknown>
}

function open(url: URL, tls: LinkTls | undefined): Opening {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const port = url.port === '' ? DEFAULT_PORTS[url.protocol]! : Number(url.port)
  if (url.protocol === 'mqtt:') {
    const socket = connectTcp({ host, port, lookup, noDelay: true })
    return { stream: socket, ready: once(socket, 'connect') }
  }
  if (url.protocol === 'mqtts:') {
    const socket = connectTls({ host, port, lookup, ...tlsOptions(host, tls) })
    socket.setNoDelay(true)
    return { stream: socket, ready: once(socket, 'secureConnect') }
  }
  const options = url.protocol === 'wss:' ? tlsOptions(host, tls) : {}
  const socket = new WebSocket(url, ['mqtt'], { ...options, perMessageDeflate: false }) // [MQTT-6.0.0-3]
  const stream = createWebSocketStream(socket)
  // The stream hears of an attempt that fails, too.
  return { stream, ready: Promise.race([once(socket, 'open'), once(stream, 'close').then(closed)]) }
}

const closed = (): never => {
  throw new Error('the connection was closed')
}

function tlsOptions(host: string, tls: LinkTls | undefined) {
  const { ca, cert, key, verify = true, alpn } = tls ?? {}
  const files = readTls({
    ...(ca !== undefined && { caFile: ca }),
    ...(cert !== undefined && { certFile: cert }),
    ...(key !== undefined && { keyFile: key }),
  })
  return {
    ...files,
    rejectUnauthorized: verify,
    ...(alpn !== undefined && { ALPNProtocols: [...alpn] }),
    ...(isIP(host) === 0 && { servername: host }),
  }
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'it closed the connection',
  EHOSTUNREACH: 'there is no way to it',
  EAI_AGAIN: 'names cannot be looked up now',
  ENETUNREACH: 'there is no way to it',
  ENOTFOUND: 'the name is not known',
}

function whyNot(error: unknown, url: URL, tls: LinkTls | undefined): string {
  if (error instanceof Unsendable) return error.message.replace(/^(.*)tls\.(ca|cert|key)File/, '$1tls.$2')
  const words = WORDS[(error as NodeJS.ErrnoException).code ?? '']
  if (words !== undefined) return words
  const { message } = error as Error
  if (message.includes('wrong version number')) return 'nothing speaks TLS there'
  const files = tls?.ca === undefined ? undefined : { caFile: tls.ca }
  const { why } = failureOf(error, { url, tls: files })
  return why.replaceAll(/tls\.(ca|cert|key)File/g, 'tls.$1')
}
