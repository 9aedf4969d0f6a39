// A host that is checked over TCP, and that can leave and come back.
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'

/** The `every` of brokers/alert-rules/host. */
const EVERY_MS = 500

export type Host = Awaited<ReturnType<typeof openHost>>

export async function openHost() {
  const checks: number[] = []
  let seen = Promise.withResolvers<number>()
  const server = createServer((socket) => {
    socket.on('error', () => {}).resume()
    const at = performance.timeOrigin + performance.now()
    checks.push(at)
    seen.resolve(at)
    seen = Promise.withResolvers()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const leave = () => new Promise<void>((resolve) => void server.close(() => resolve()))
  return {
    port,
    /** Resolves with the moment of the next check. */
    checked: () => seen.promise,
    leave,
    comeBack: async () => {
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
    },
    /**
     * The planned moments are `every` apart. No check comes before its own, nor later than by half of that.
     */
    plannedAfter: (at: number): number => {
      const [first = at] = checks
      const phases = checks.map((check) => check - first - Math.round((check - first) / EVERY_MS) * EVERY_MS)
      const phase = first + phases.reduce((least, each) => Math.min(least, each), 0)
      return phase + (Math.floor((at - phase) / EVERY_MS) + 1) * EVERY_MS
    },
    close: leave,
  }
}
