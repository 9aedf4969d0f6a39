import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { expect, onTestFinished } from 'vitest'
import { Authority } from '../../support/certificates.ts'
import { temporaryFolder } from '../../support/hub.ts'
import { readableLog } from '../../support/log.ts'
import { itWith } from '../../support/tools.ts'
import { startTestBroker, type TestBrokerOptions } from '../test-broker.ts'
import { openDoor } from './doors.ts'

const KINDS = [
  { kind: 'tcp', scheme: 'mqtts' },
  { kind: 'websocket', scheme: 'wss', path: '/mqtt', origins: [] },
] as const

/** What a peer may have said when it stops: nothing, the head of a record, a ClientHello that is cut off, what is no TLS. */
const BEGINNINGS = ['', '160301', '1603010200010001fc0303', '474554202f20485454502f312e310d0a0d0a']

async function listen(listener: (typeof KINDS)[number], limits: TestBrokerOptions['limits']) {
  const folder = temporaryFolder()
  const { log, line } = readableLog()
  const { broker } = await startTestBroker({ log, limits })
  const tls = { ...new Authority(folder).sign('hub'), clientCertificate: 'none' as const }
  const { port } = await broker.listen({ ...listener, host: '127.0.0.1', port: 0, tls }, openDoor())
  return { port, line }
}

async function begin(port: number, hex: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(Buffer.from(hex, 'hex'))
  return socket.resume()
}

const closed = (socket: Socket): Promise<unknown> =>
  socket.closed ? Promise.resolve() : once(socket, 'close')

itWith('openssl').each(KINDS)(
  'closes a socket over $scheme whose handshake is not complete in time, whatever it has said',
  async (listener) => {
    const { port } = await listen(listener, { connectTimeoutMs: 200 })
    const sockets = await Promise.all(BEGINNINGS.map((hex) => begin(port, hex)))
    await Promise.all(sockets.map(closed))
    expect(sockets.every((socket) => socket.closed)).toBe(true)
  },
)

itWith('openssl').each(KINDS)(
  'takes no more handshakes over $scheme at one time than there may be connections',
  async (listener) => {
    const { port, line } = await listen(listener, { connections: 2, connectTimeoutMs: 60_000 })
    const under = [await begin(port, '160301'), await begin(port, '')]
    await closed(await begin(port, ''))
    await line('the TLS handshake with 127.0.0.1 failed: all 2 connections are taken')
    expect(under.map((socket) => socket.closed)).toEqual([false, false])
  },
)
