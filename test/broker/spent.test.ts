// Which chunks give their memory back: those that a socket has read, and that have it to themselves.

import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { letGo } from '../../src/broker/spent.ts'

const server = createServer()
let client: Socket
let socket: Socket

beforeEach(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const arrival = once(server, 'connection')
  client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket = (await arrival)[0]
})

afterEach(async () => {
  client.destroy()
  socket.destroy()
  server.close()
  await once(server, 'close')
})

const isGone = ({ buffer }: Buffer): boolean => (buffer as ArrayBuffer).detached

it('gives the memory of a large chunk back at once', async () => {
  client.write(Buffer.alloc(4_096))
  const [chunk] = (await once(socket, 'data')) as [Buffer]
  letGo(chunk, socket)
  expect(isGone(chunk)).toBe(true)
})

it('leaves a small chunk to the garbage collector', async () => {
  client.write('small')
  const [chunk] = (await once(socket, 'data')) as [Buffer]
  letGo(chunk, socket)
  expect(chunk.toString()).toBe('small')
})

it('leaves alone what shares its memory, and what another stream has made', () => {
  const shared = Buffer.from(new ArrayBuffer(8_192), 0, 4_096)
  letGo(shared, socket)
  expect(isGone(shared)).toBe(false)
  const foreign = Buffer.alloc(4_096)
  letGo(foreign, new Duplex())
  expect(isGone(foreign)).toBe(false)
})
