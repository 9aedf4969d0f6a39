// MQTT over plain TCP.

import { createServer } from 'node:net'
import { tellServerErrors } from '../../base/server-errors.ts'
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
  { accept, log }: ListenContext,
  { host, port }: TcpSettings,
): Promise<Listener> {
  // The hub gathers its output itself: Nagle's algorithm would only hold it back.
  const server = createServer({ noDelay: true }, (socket) =>
    accept({ socket, address: socket.remoteAddress ?? 'unknown' }),
  )
  await open(server, { host, port })
  const bound = boundPort(server)
  const url = `mqtt://${authority(host, bound)}`
  tellServerErrors(server, url, log)
  return { url, host, port: bound, stop: () => close(server) }
}
