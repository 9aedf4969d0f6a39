// The C relay (bench/load/relay.c): what the machine itself allows. Its CPU time for a message is the limit that a
// broker's is held against.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compile } from '../load.ts'
import { findFreePort, startBroker } from './broker.ts'
import type { Broker } from './broker.ts'

export const relay: Broker = {
  name: 'relay',
  start: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vigie-bench-relay-'))
    const remove = () => rm(folder, { recursive: true, force: true })
    try {
      await compile('relay', folder)
      const port = await findFreePort()
      const running = await startBroker('relay', port, join(folder, 'relay'), [String(port)])
      return {
        ...running,
        stop: async () => {
          await running.stop()
          await remove()
        },
      }
    } catch (error) {
      await remove()
      throw error
    }
  },
}
