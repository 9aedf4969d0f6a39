// A service of the imagination, on loopback: it writes down what it is asked, and answers as it is told to.

import { createServer } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** An object is sent as JSON. */
  readonly body?: string | object
}

/** `hangs` takes the request and says nothing; `dies` takes it and closes the connection. */
export type Behaviour = Answer | 'hangs' | 'dies' | ((request: Asked) => Answer)

export interface Asked {
  /** Method and path, as in `POST /message`. */
  readonly line: string
  readonly headers: IncomingHttpHeaders
  /** JSON as what it stands for, a form as its fields, all else as text. */
  readonly body: unknown
}

/** Node's client and the base of all requests set these. */
const EVERYWHERE = new Set(['host', 'connection', 'content-length', 'user-agent', 'transfer-encoding'])

export interface FakeService {
  readonly url: string
  readonly asked: readonly Asked[]
  /** Resolves as soon as so many requests have come. */
  whenAsked(count: number): Promise<void>
}

/** @param behaviours one for each request in order; the last holds for all further ones */
export async function fakeService(...behaviours: readonly Behaviour[]): Promise<FakeService> {
  const asked: Asked[] = []
  const waiting = new Set<() => void>()
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const one = asAsked(request, await text(request))
    asked.push(one)
    for (const look of waiting) look()
    const behaviour = behaviours[asked.length - 1] ?? behaviours.at(-1) ?? { status: 500 }
    if (behaviour === 'hangs') return
    if (behaviour === 'dies') return void request.socket.destroy()
    reply(response, typeof behaviour === 'function' ? behaviour(one) : behaviour)
  }
  const server = createServer((request, response) => void take(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async whenAsked(count) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const look = (): void => void (asked.length >= count && resolve())
      waiting.add(look)
      look()
      await promise
      waiting.delete(look)
    },
  }
}

function asAsked({ method, url, headers }: IncomingMessage, body: string): Asked {
  const type = headers['content-type'] ?? ''
  return {
    line: `${method} ${url}`,
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !EVERYWHERE.has(name))),
    body: type.startsWith('application/json')
      ? JSON.parse(body)
      : type === 'application/x-www-form-urlencoded'
        ? Object.fromEntries(new URLSearchParams(body))
        : body,
  }
}

function reply(response: ServerResponse, { status, headers, body }: Answer): void {
  const isJson = typeof body === 'object'
  response.writeHead(status, { ...(isJson && { 'Content-Type': 'application/json' }), ...headers })
  response.end(isJson ? JSON.stringify(body) : body)
}
