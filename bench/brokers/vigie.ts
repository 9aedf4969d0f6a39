// Vigie from this checkout, in a temporary data folder. Messages under bench/ stay out of its history, as
// the other brokers keep none; all else is recorded, with an fsync before each acknowledgement.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findFreePort, startBroker } from './broker.ts'
import type { Broker, RunningBroker } from './broker.ts'

const BIN = join(import.meta.dirname, '../../src/bin.js')

/** What a hub is started with. */
type Setup = {
  /** The port of the page; by default any. */
  readonly http?: number
  /** The folder of its rules, beside this file. */
  readonly rules?: string
  /** The source of its configuration. */
  readonly config?: string
  /** What its rules find in their environment. */
  readonly env?: Readonly<Record<string, string | number>>
  /** The cores that it may use; by default the broker's. */
  readonly cores?: 'one' | 'all'
}

export const vigie: Broker = { name: 'vigie', start: () => startVigie() }

export async function startVigie({
  http = 0,
  rules = 'rules',
  config = "export default { history: { exclude: ['bench/#'] } }\n",
  env = {},
  cores = 'one',
}: Setup = {}): Promise<RunningBroker> {
  const folder = await mkdtemp(join(tmpdir(), 'vigie-bench-hub-'))
  const file = join(folder, 'vigie.config.ts')
  const port = await findFreePort()
  await writeFile(file, config)
  const folders = ['--rules', join(import.meta.dirname, rules), '--data', join(folder, 'data')]
  const ports = ['--mqtt', String(port), '--http', String(http)]
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  const start = [process.execPath, BIN, 'start', '--config', file, ...folders, ...ports]
  const running = await startBroker('vigie', port, 'env', [...variables, ...start], undefined, cores)
  return {
    ...running,
    stop: async () => {
      await running.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
