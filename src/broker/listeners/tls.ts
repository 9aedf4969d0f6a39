// MQTT over TLS.

import { createServer } from 'node:tls'
import { tellServerErrors } from '../../base/server-errors.ts'
import { Connection } from '../connection/connection.ts'
import {
  authority,
  boundPort,
  close,
  type ListenContext,
  type Listener,
  open,
  type TcpSettings,
  type TlsSettings,
} from './listener.ts'
import { certificateOf, keepSecure, tlsOptions } from './certificates.ts'
import { watchHandshakes } from './handshakes.ts'

export async function listenOnTls(
  { hub, door }: ListenContext,
  { host, port }: TcpSettings,
  tls: TlsSettings,
): Promise<Listener> {
  const server = createServer({
    ...tlsOptions(tls),
    noDelay: true,
    handshakeTimeout: hub.limits.connectTimeoutMs,
  })
  const handshakes = watchHandshakes(server, {
    mostConnections: hub.limits.connections,
    connections: () => hub.connections.size,
    failed: (address, reason) => hub.log.info(`${url}: no TLS with ${address}: ${reason}`),
  })
  server.on('secureConnection', (socket) => {
    const certificate = certificateOf(socket)
    // One that was not signed as it should be counts for less than none.
    if (certificate.kind === 'bad') {
      hub.log.warn(`${url}: the certificate of ${socket.remoteAddress} is no good: ${certificate.why}`)
      return socket.destroy()
    }
    const { name } = certificate
    const address = socket.remoteAddress ?? 'unknown'
    new Connection(hub, { socket, address, door, certificateName: name }).start()
    return socket
  })
  await open(server, { host, port })
  const bound = boundPort(server)
  const url = `mqtts://${authority(host, bound)}`
  tellServerErrors(server, url, hub.log)
  const stopWatching = keepSecure(server, tls, url, hub.log)
  return {
    url,
    host,
    port: bound,
    stop() {
      stopWatching()
      const closed = close(server)
      handshakes.close()
      return closed
    },
  }
}
