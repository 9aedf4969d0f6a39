import { connect } from 'node:net'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { expect, it, onTestFinished } from 'vitest'
import { silentLog } from '../../../src/base/log.ts'
import { DEFAULT_LIMITS } from '../../../src/broker/bounds/limits.ts'
import type { ListenContext } from '../../../src/broker/listeners/listener.ts'
import { listenOnTcp } from '../../../src/broker/listeners/tcp.ts'

const settings = { kind: 'tcp', host: '127.0.0.1', port: 0 } as const

function context() {
  const arrivals: { socket: Duplex; address: string }[] = []
  const given = {
    limits: DEFAULT_LIMITS,
    log: silentLog,
    connections: () => arrivals.length,
    accept: (arrival: { socket: Duplex; address: string }) => void arrivals.push(arrival),
  }
  return { arrivals, context: given as unknown as ListenContext }
}

it('hands over whoever connects, with the address, and tells where it is to be found', async () => {
  const { arrivals, context: given } = context()
  const listener = await listenOnTcp(given, settings)
  onTestFinished(() => listener.stop())
  expect(listener.url).toBe(`mqtt://127.0.0.1:${listener.port}`)
  const client = connect(listener.port, '127.0.0.1')
  await once(client, 'connect')
  await expect.poll(() => arrivals.length, { interval: 1 }).toBe(1)
  expect(arrivals[0]!.address).toBe('127.0.0.1')
  client.destroy()
  arrivals[0]!.socket.destroy()
})

it('is refused a port that is taken, and gives its port back when it stops', async () => {
  const first = await listenOnTcp(context().context, settings)
  const taken = { ...settings, port: first.port }
  await expect(listenOnTcp(context().context, taken)).rejects.toMatchObject({ code: 'EADDRINUSE' })
  await first.stop()
  const second = await listenOnTcp(context().context, taken)
  await second.stop()
})
