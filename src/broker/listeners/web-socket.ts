// MQTT over WebSocket, plain or inside of TLS: on a port of its own, or as a path of the hub's HTTP server.

import type { IncomingMessage, Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { WebSocketServer } from 'ws'
import { createServer, STATUS_CODES } from '../../base/node-http.ts'
import { printable } from '../../base/printable.ts'
import { isByProxy } from '../../base/proxies.ts'
import { tellServerErrors } from '../../base/server-errors.ts'
import { ReasonCode } from '../../mqtt/reason-codes.ts'
import type { Connection } from '../connection/connection.ts'
import { certificateOf, keepSecure, tlsOptions } from './certificates.ts'
import { watchHandshakes } from './handshakes.ts'
import {
  authority,
  boundPort,
  close,
  type ListenContext,
  type Listener,
  open,
  type WebSocketAddress,
  type WebSocketSettings,
} from './listener.ts'
import { WebSocketStream } from './web-socket-stream.ts'

export interface WebSockets {
  /** Takes the request of a client that wants another protocol than HTTP. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  /** Takes no new clients, says goodbye to those that there are, and resolves when they have gone. */
  stop(): Promise<void>
}

/** The names that versions 3.1.1 and 5.0, and 3.1, are asked for by. */
const SUBPROTOCOLS = ['mqtt', 'mqttv3.1']

export async function listenOnWebSocket(
  context: ListenContext,
  settings: WebSocketSettings,
): Promise<Listener> {
  const { host, port, path, tls } = settings
  const { connections, limits, log } = context
  const timeouts = {
    headersTimeout: limits.connectTimeoutMs,
    requestTimeout: limits.connectTimeoutMs,
  }
  const secure =
    tls === undefined
      ? undefined
      : createSecureServer({
          ...tlsOptions(tls),
          ...timeouts,
          handshakeTimeout: limits.connectTimeoutMs,
        })
  const server: Server = secure ?? createServer(timeouts)
  server.on('request', (_request, response) =>
    response.writeHead(426, { upgrade: 'websocket' }).end(`Here is MQTT over WebSocket, at ${path}.\n`),
  )
  const handshakes =
    secure &&
    watchHandshakes(secure, {
      mostConnections: limits.connections,
      connections,
      failed: (address, reason) => log.info(`${url}: the TLS handshake with ${address} failed: ${reason}`),
    })
  const sockets = webSockets(context, settings)
  server.on('upgrade', sockets.upgrade)
  await open(server, { host, port })
  const bound = boundPort(server)
  const url = `${tls === undefined ? 'ws' : 'wss'}://${authority(host, bound)}${path}`
  tellServerErrors(server, url, log)
  const stopWatching =
    secure === undefined || tls === undefined ? () => {} : keepSecure(secure, tls, url, log)
  return {
    url,
    host,
    port: bound,
    async stop() {
      stopWatching()
      const closed = close(server)
      server.closeAllConnections()
      handshakes?.close()
      await Promise.all([closed, sockets.stop()])
    },
  }
}

export function webSockets(
  { accept, acceptByProxy, limits, log }: ListenContext,
  { path, origins }: WebSocketAddress,
): WebSockets {
  const connections = new Set<Connection>()
  let stopping = false
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    // A frame may hold several packets, but none that would be refused. // [MQTT-6.0.0-2]
    maxPayload: limits.packetBytes,
    // [MQTT-6.0.0-4] [v3 MQTT-6.0.0-4]
    handleProtocols: (offered) => SUBPROTOCOLS.find((name) => offered.has(name)) ?? false,
  })
  sockets.on('wsClientError', (error, socket) => refuse(socket, 400, error.message))

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    const address = request.socket.remoteAddress ?? 'unknown'
    const refusal = stopping ? STOPPING : refusalOf(request, path, origins)
    if (refusal !== undefined) {
      log.info(`Refused a WebSocket from ${address}: ${refusal.sentence}`)
      return refuse(socket, refusal.status, refusal.sentence)
    }
    const certificate = 'getPeerCertificate' in socket ? certificateOf(socket as TLSSocket) : undefined
    if (certificate?.kind === 'bad') return refuse(socket, 403, 'The certificate is not valid.')
    // The hub gathers its output itself: Nagle's algorithm would only hold it back.
    request.socket.setNoDelay(true)
    return sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const stream = new WebSocketStream(webSocket)
      const arrival = { socket: stream, address, certificateName: certificate?.name }
      const connection = isByProxy((name) => request.headers[name]) ? acceptByProxy(arrival) : accept(arrival)
      connections.add(connection)
      stream.once('close', () => connections.delete(connection))
    })
  }

  return {
    upgrade,
    async stop() {
      stopping = true
      const ends: Promise<unknown>[] = []
      for (const connection of connections) {
        ends.push(new Promise((resolve) => connection.socket.once('close', resolve)))
        connection.close('stopped', ReasonCode.ServerShuttingDown)
      }
      await Promise.all(ends)
    },
  }
}

const STOPPING = { status: 503, sentence: 'The hub is stopping.' }

function refusalOf(request: IncomingMessage, path: string, origins: readonly string[]) {
  const { host, origin } = request.headers
  const asked = (request.url ?? '').split('?', 1)[0]
  if (asked !== path)
    return { status: 404, sentence: `MQTT is at ${path}, not at ${printable(asked ?? '')}.` }
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
  if (!SUBPROTOCOLS.some((name) => offered.includes(name))) {
    // [MQTT-6.0.0-3] [v3 MQTT-6.0.0-3]
    return { status: 400, sentence: 'It did not offer the subprotocol "mqtt".' }
  }
  if (origin === undefined || origins.includes('*') || origins.includes(origin)) return undefined
  if (isOwnOrigin(origin, host)) return undefined
  return {
    status: 403,
    sentence: `A page of ${printable(origin)} may not connect; list it under "origins" if it should.`,
  }
}

/** Whether this address itself has served the page. A name may be one that a stranger has pointed here. */
function isOwnOrigin(origin: string, host: string | undefined): boolean {
  const url = URL.parse(origin)
  if (url === null || host === undefined || url.host !== host) return false
  const name = url.hostname.replace(/^\[(.*)\]$/, '$1')
  return isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost')
}

function refuse(socket: Duplex, status: number, sentence: string): void {
  const body = `${sentence}\n`
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n` +
      `Content-Type: text/plain; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}
