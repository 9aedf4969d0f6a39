import { createServer } from 'node:http'
import { expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import type { RequestSpec } from '../../../src/model/request.ts'
import { check, checkUntil, CLOSED, failed, good, host, listen, serve, unable } from './probing.ts'

/** The address of a server that takes WebSockets with the token, and answers all else with 403. */
async function chat(): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(426).end())
  const sockets = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request, socket, head) => {
    if (request.headers['x-token'] === 'swordfish')
      sockets.handleUpgrade(request, socket, head, (webSocket) => webSocket.on('error', () => {}))
    else socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
  })
  return `http://${host}:${await listen(server)}/live`
}

const request = (url: string, headers: RequestSpec['headers'] = {}): RequestSpec => ({
  url,
  method: 'GET',
  headers,
})

test.each<[string, RequestSpec['headers'], string | undefined, object]>([
  ['is good when it takes the handshake', { 'X-Token': { secret: 'TOKEN' } }, undefined, good],
  ['asks for its subprotocol', { 'X-Token': 'swordfish' }, 'chat', good],
  ['fails when it does not', {}, undefined, failed('it answers with 403 and no WebSocket')],
  [
    'cannot be checked without its secret',
    { 'X-Token': { secret: 'NONE' } },
    undefined,
    unable('Secret NONE is not set'),
  ],
])('a webSocket ping %s', async (_title, headers, protocol, outcome) => {
  const target = { kind: 'webSocket', request: request(await chat(), headers) } as const
  expect(await check({ ...target, ...(protocol !== undefined && { protocol }) })).toEqual(outcome)
})

test('a webSocket ping fails when nothing listens, something else does, or nothing is answered in time', async () => {
  const at = (port: number) => ({ kind: 'webSocket', request: request(`http://${host}:${port}/`) }) as const
  expect(await check(at(CLOSED.port))).toEqual(failed('nothing listens there'))
  const plain = await listen(createServer((_request, response) => response.end('hello')))
  expect(await check(at(plain))).toEqual(failed('it answers with 200 and no WebSocket'))
  const connected = Promise.withResolvers<void>()
  const silent = await serve(() => connected.resolve())
  expect(await checkUntil(at(silent), connected.promise)).toEqual(failed('no answer within 5s'))
})
