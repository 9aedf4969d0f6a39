// Subscribers that read nothing, on a hub of its own: its memory is what is looked at.
//
// Covers `src/broker/socket/output.ts`, `src/broker/delivery/window.ts`.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type HubProcess, startHubProcess, temporaryFolder } from '../support/hub.ts'
import { connectClient } from './client.ts'
import { itWith } from '../support/tools.ts'

const MIB = 2 ** 20
const PAYLOAD = 'x'.repeat(64 * 1_024)
const STALLED = 4
/** For each of them: 64 MiB, of which it may have 1 MiB on its socket and 1 MiB in its queue. */
const MESSAGES = 1_024
/** A hub that kept all of it would grow by a quarter of a gigabyte for one QoS. What is left is what Node takes to carry so much. */
const MOST_GROWTH = 128 * MIB

itWith('Linux')(
  'does not grow with what subscribers do not read, at any QoS, and counts what it drops',
  { timeout: 60_000 },
  async () => {
    const folder = temporaryFolder()
    const config = join(folder, 'vigie.config.ts')
    const limits = { outputSize: '1MiB', queueSize: '1MiB' }
    writeFileSync(config, `export default ${JSON.stringify({ limits, history: { exclude: ['load/#'] } })}\n`)
    const hub = await startHubProcess(['--config', config, '--data', join(folder, 'data'), '--rules', folder])
    for (let number = 0; number < STALLED; number++) {
      const stalled = await connectClient(hub.mqtt, `stalled-${number}`)
      await stalled.subscribe('load/#', 2)
      stalled.peer.socket.pause()
    }
    const publisher = await connectClient(hub.mqtt, 'publisher')
    await load(publisher, 16)
    const before = memoryOf(hub)
    await load(publisher, MESSAGES)
    expect(memoryOf(hub) - before).toBeLessThan(MOST_GROWTH)

    const { broker } = (await (await fetch(`http://127.0.0.1:${hub.http}/api/status`)).json()) as {
      readonly broker: { readonly dropped: Readonly<Record<string, number>> }
    }
    // Some lies in the buffers of both systems.
    const most = STALLED * MESSAGES
    expect(broker.dropped['slow']).toBeGreaterThan(0.7 * most)
    expect(broker.dropped['queue-full']).toBeGreaterThan(0.7 * most)
    await hub.end('SIGTERM')
  },
)

/** So many messages at QoS 0, and as many at QoS 1. */
async function load(publisher: Awaited<ReturnType<typeof connectClient>>, messages: number): Promise<void> {
  for (let number = 0; number < messages; number++) {
    publisher.publish('load/0', PAYLOAD)
    publisher.publish('load/1', PAYLOAD, { qos: 1 })
    await publisher.expect('puback')
  }
}

/** Resident, in bytes. */
const memoryOf = ({ pid }: HubProcess): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1_024
