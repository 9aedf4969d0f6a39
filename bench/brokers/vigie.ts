// Vigie from this checkout, in a temporary data folder. Messages under bench/ stay out of its history, as
// the other brokers keep none; all else is recorded, with an fsync before each acknowledgement.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findFreePort, startBroker } from './broker.ts'
import type { Broker, RunningBroker } from './broker.ts'

const BIN = join(import.meta.dirname, '../../src/bin.js')
const RULES = join(import.meta.dirname, 'rules')

export const vigie: Broker = { name: 'vigie', start: () => startVigie(0) }

/** @param http the port of the page; 0: any */
export async function startVigie(http: number): Promise<RunningBroker> {
  const folder = await mkdtemp(join(tmpdir(), 'vigie-bench-hub-'))
  const config = join(folder, 'vigie.config.ts')
  const port = await findFreePort()
  await writeFile(config, "export default { history: { exclude: ['bench/#'] } }\n")
  const args = ['start', '--config', config, '--rules', RULES, '--data', join(folder, 'data')]
  const running = await startBroker('vigie', port, process.execPath, [
    BIN,
    ...args,
    '--mqtt',
    String(port),
    '--http',
    String(http),
  ])
  return {
    ...running,
    stop: async () => {
      await running.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
