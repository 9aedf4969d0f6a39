// MQTT over plain TCP.

import { createServer } from 'node:net'
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
} from './listener.ts'

export async function listenOnTcp(
  { hub, door }: ListenContext,
  { host, port }: TcpSettings,
): Promise<Listener> {
  // Output is gathered by us: Nagle would only hold it back.
  const server = createServer({ noDelay: true }, (socket) =>
    new Connection(hub, { socket, address: socket.remoteAddress ?? 'unknown', door }).start(),
  )
  await open(server, { host, port })
  const bound = boundPort(server)
  const url = `mqtt://${authority(host, bound)}`
  tellServerErrors(server, url, hub.log)
  return { url, host, port: bound, stop: () => close(server) }
}
