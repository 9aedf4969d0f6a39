// A TCP listener: accepts sockets and makes them connections.

import { createServer, type AddressInfo, type Socket } from 'node:net'
import type { Door } from '../model/access.ts'
import { Connection } from './connection.ts'
import type { Hub } from './hub.ts'

export interface Address {
  readonly host: string
  readonly port: number
}

export interface Listener {
  readonly address: Address
  /** Takes no new connections; resolves when those that there are have ended. */
  stop(): Promise<void>
}

/** Port 0 takes any free one. Rejects with the system's error when the address is not to be had. */
export async function listenOnTcp(hub: Hub, { host, port }: Address, door: Door | null): Promise<Listener> {
  // Output is gathered by us: Nagle would only hold it back.
  const server = createServer({ noDelay: true }, (socket) => accept(hub, socket, door))
  const listening = Promise.withResolvers<void>()
  server.once('error', listening.reject)
  server.listen({ host, port, backlog: 4_096 }, listening.resolve)
  await listening.promise
  server.on('error', (error) =>
    hub.log.error({ error }, `MQTT listener on ${host}:${port}: ${error.message}`),
  )
  const bound = server.address() as AddressInfo
  let stopped: Promise<void> | undefined
  return {
    address: { host, port: bound.port },
    stop: () => (stopped ??= new Promise((resolve) => server.close(() => resolve()))),
  }
}

function accept(hub: Hub, socket: Socket, door: Door | null): void {
  new Connection(hub, { socket, address: socket.remoteAddress ?? 'unknown', door }).start()
}
