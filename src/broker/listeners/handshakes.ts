// The TLS handshakes under way at one listener. Node tells of a handshake that failed or took too long, and
// leaves its socket open (tls.Server, `tlsClientError`): here the socket is closed. A handshake counts as a
// connection: beyond `limits.connections`, a socket is closed before its handshake begins.

import type { Socket } from 'node:net'
import type { Server } from 'node:tls'

export interface Handshakes {
  /** Closes the sockets whose handshake has not ended. */
  close(): void
}

export interface HandshakeOptions {
  readonly mostConnections: number
  /** Connections that have passed their handshake, at all listeners. */
  readonly connections: () => number
  readonly failed: (address: string, reason: string) => void
}

export function watchHandshakes(
  server: Server,
  { mostConnections, connections, failed }: HandshakeOptions,
): Handshakes {
  const underWay = new Map<string, Socket>()
  server.prependListener('connection', (socket: Socket) => {
    const peer = peerOf(socket)
    if (connections() + underWay.size >= mostConnections) {
      failed(socket.remoteAddress ?? UNKNOWN, `all ${mostConnections} connections are taken`)
      socket.destroy()
      return
    }
    underWay.set(peer, socket)
    socket.once('close', () => underWay.delete(peer))
  })
  server.on('secureConnection', (socket) => underWay.delete(peerOf(socket)))
  server.on('tlsClientError', (error, socket) => {
    failed(socket.remoteAddress ?? UNKNOWN, error.message)
    socket.destroy()
    underWay.get(peerOf(socket))?.destroy()
  })
  return {
    close() {
      for (const socket of underWay.values()) socket.destroy()
    },
  }
}

const UNKNOWN = 'a client that has gone'

const peerOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`
