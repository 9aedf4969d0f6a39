// What the tests of all kinds of probes share: servers on the loopback that last for one test, and one way to
// check.

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { Server as TcpServer, AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import { expect, onTestFinished } from 'vitest'
import { systemClock } from '../../../src/base/clock.ts'
import type { PingTarget } from '../../../src/model/probe.ts'
import { openSecrets } from '../../../src/secrets/secrets.ts'
import type { Check } from '../../../src/watch/probes/check.ts'
import type { ProbeContext } from '../../../src/watch/probes/probe-context.ts'
import { probe } from '../../../src/watch/probes/probe.ts'

export const good = { kind: 'good', latencyMs: expect.any(Number) as number } as const
export const failed = (reason: string) => ({
  kind: 'failed',
  reason: expect.stringContaining(reason) as string,
})
export const unable = (reason: string) => ({
  kind: 'unable',
  reason: expect.stringContaining(reason) as string,
})

/** Checks a target once. */
export const check = (target: PingTarget, more: Partial<ProbeContext> = {}): Promise<Check> =>
  probe(
    {
      name: 'x',
      target,
      everyMs: 1,
      jitterMs: 0,
      timeoutMs: 2_000,
      fails: 1,
      recovers: 1,
      flapping: null,
      dependsOn: [],
      isReference: false,
    },
    {
      signal: new AbortController().signal,
      timeoutMs: 60_000,
      clock: systemClock,
      secrets: openSecrets({ TOKEN: 'swordfish' }, null),
      within: (code) => code(),
      ...more,
    },
  )

/** The port of a server on the loopback, closed after the test with all that is connected to it. */
export async function listen(server: TcpServer): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => {})))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** A TCP server that does this with each connection. */
export const serve = (talk: (socket: Socket) => unknown): Promise<number> =>
  listen(createServer((socket) => void talk(socket.on('error', () => {}))))

/** A UDP server that answers each packet, or does not. */
export async function serveUdp(answer: (packet: Buffer) => Buffer | undefined): Promise<number> {
  const socket = createSocket('udp4')
  socket.on('message', (packet, { port, address }) => {
    const said = answer(packet)
    if (said) socket.send(said, port, address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  onTestFinished(() => void socket.close())
  return socket.address().port
}

/** Ends a check as its timeout would, once the other side has been reached; gives the check. */
export async function checkUntil(target: PingTarget, reached: Promise<unknown>): Promise<Check> {
  const stop = new AbortController()
  const checking = check(target, { signal: stop.signal })
  await reached
  stop.abort(new Error('no answer within 5s'))
  return checking
}

export const host = '127.0.0.1'
/** Nothing listens there. */
export const CLOSED = { host, port: 1 }
