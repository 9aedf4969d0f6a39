// The HTTP server. The module that answers requests is loaded with the first request: hono and Node's request
// classes are a tenth of what a hub loads, and few hubs are asked as they start.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { createServer } from '../base/node-http.ts'
import { messageOf } from '../base/printable.ts'
import { tellServerErrors } from '../base/server-errors.ts'
import type { RouteOptions } from './routes.ts'

export interface HttpOptions extends RouteOptions {
  /** Takes requests for another protocol than HTTP. */
  readonly upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
}

export interface HttpServer {
  listen(address: { readonly host: string; readonly port: number }): Promise<{ host: string; port: number }>
  stop(): Promise<void>
}

export function createHttpServer(options: HttpOptions): HttpServer {
  const { log, upgrade } = options
  let listener: ReturnType<typeof loadListener> | undefined
  let hostname: string | undefined
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const listen = await (listener ??= loadListener(options, hostname))
    await listen(request, response)
  }
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      log.error(
        { err: error },
        `${request.method} ${request.url?.split('?', 1)[0]} failed: ${messageOf(error)}`,
      )
      response.writeHead(500).end()
    })
  })
  if (upgrade !== undefined) server.on('upgrade', upgrade)
  return {
    listen: ({ host, port }) =>
      new Promise((resolve, reject) => {
        hostname = host
        server.once('error', reject)
        server.listen(port, host, () => {
          server.off('error', reject)
          tellServerErrors(server, 'HTTP', log)
          const { address, port: taken } = server.address() as AddressInfo
          resolve({ host: address, port: taken })
        })
      }),
    stop: () =>
      new Promise((resolve) => {
        if (!server.listening) return resolve()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** @param hostname of a request that names none, as HTTP/1.0 allows */
async function loadListener(options: RouteOptions, hostname: string | undefined) {
  const [{ getRequestListener }, { routes }] = await Promise.all([
    import('@hono/node-server'),
    import('./routes.ts'),
  ])
  return getRequestListener(routes(options).fetch, { hostname })
}
