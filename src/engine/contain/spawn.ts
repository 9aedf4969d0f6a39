// Begins the process of one engine. Besides what every process of user code has, a pipe leads from its thread
// to the journal thread, for which the network thread passes on bytes as they come.

import type { Duplex } from 'node:stream'
import type { MessagePort } from 'node:worker_threads'
import { sibling } from '../../base/sibling.ts'
import type { EngineHost, EngineThread, ThreadData } from '../protocol.ts'
import { spawnUserProcess } from './user-process.ts'
import type { UserProcess } from './user-process.ts'

export type { Ending } from './ending.ts'
export type SpawnedEngine = UserProcess<EngineThread>

export interface SpawnOptions {
  readonly data: Omit<ThreadData, 'pulse'>
  /** When it has run for this long without progress, it hangs. */
  readonly hangLimitMs: number
  readonly heapLimitMiB: number
  /** The engine's end of the journal; it carries bytes. */
  readonly journal: MessagePort
  readonly host: EngineHost
}

export function spawnEngine({ journal, ...options }: SpawnOptions): SpawnedEngine {
  let isRelayed = false
  const engine = spawnUserProcess<EngineThread>({
    ...options,
    module: sibling(import.meta.url, '../worker').href,
    name: 'engine',
    boxDir: options.data.dataDir,
    isQuiet: false,
    further(pipe) {
      isRelayed = true
      relay(pipe, journal)
    },
  })
  if (!isRelayed) journal.close()
  return engine
}

/** Bytes pass as they come: what was no whole message when the engine died is none for the journal. */
function relay(pipe: Duplex, port: MessagePort): void {
  pipe.on('data', (chunk: Buffer<ArrayBuffer>) => {
    const bytes = chunk.buffer.slice(chunk.byteOffset, chunk.byteOffset + chunk.length)
    port.postMessage(bytes, [bytes])
  })
  port.on('message', (bytes: ArrayBuffer) => void pipe.write(new Uint8Array(bytes)))
  // Its other end may be gone; that the engine is, its exit tells.
  pipe.on('error', () => {})
  pipe.once('close', () => port.close())
  port.once('close', () => pipe.destroy())
}
