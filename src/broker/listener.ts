// A TCP listener: accepts sockets and makes them connections.

import { createServer, type AddressInfo, type Socket } from 'node:net'
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

/** Port 0 takes any free one. Rejects with a sentence that names the port when it is taken. */
export async function listenOnTcp(hub: Hub, { host, port }: Address): Promise<Listener> {
  // Output is gathered by us: Nagle would only hold it back.
  const server = createServer({ noDelay: true }, (socket) => accept(hub, socket))
  const listening = Promise.withResolvers<void>()
  server.once('error', (error: NodeJS.ErrnoException) => listening.reject(explain(error, { host, port })))
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

function accept(hub: Hub, socket: Socket): void {
  new Connection(hub, socket, socket.remoteAddress ?? 'unknown').start()
}

function explain(error: NodeJS.ErrnoException, { host, port }: Address): Error {
  const where = `MQTT cannot listen on ${host}:${port}`
  const because =
    error.code === 'EADDRINUSE'
      ? 'another program has this port. Stop it, or choose another with --mqtt PORT (0 takes any free one).'
      : error.code === 'EACCES'
        ? 'the system does not allow it. Choose a port above 1023 with --mqtt PORT.'
        : error.code === 'EADDRNOTAVAIL'
          ? 'this machine has no such address. Give one that it has, such as 127.0.0.1, in the configuration.'
          : `${error.message}.`
  return new Error(`${where}: ${because}`, { cause: error })
}
