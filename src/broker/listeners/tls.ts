// MQTT over TLS.

import { createServer } from 'node:tls'
import { tellServerErrors } from '../../base/server-errors.ts'
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
  { accept, connections, limits, log }: ListenContext,
  { host, port }: TcpSettings,
  tls: TlsSettings,
): Promise<Listener> {
  const server = createServer({
    ...tlsOptions(tls),
    noDelay: true,
    handshakeTimeout: limits.connectTimeoutMs,
  })
  const handshakes = watchHandshakes(server, {
    mostConnections: limits.connections,
    connections,
    failed: (address, reason) => log.info(`${url}: the TLS handshake with ${address} failed: ${reason}`),
  })
  server.on('secureConnection', (socket) => {
    const certificate = certificateOf(socket)
    // A certificate that is not signed as it should be counts for less than none.
    if (certificate.kind === 'bad') {
      log.warn(`${url}: refused ${socket.remoteAddress}, whose certificate is not valid: ${certificate.why}`)
      return socket.destroy()
    }
    const { name } = certificate
    const address = socket.remoteAddress ?? 'unknown'
    accept({ socket, address, certificateName: name })
    return socket
  })
  await open(server, { host, port })
  const bound = boundPort(server)
  const url = `mqtts://${authority(host, bound)}`
  tellServerErrors(server, url, log)
  const stopWatching = keepSecure(server, tls, url, log)
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
