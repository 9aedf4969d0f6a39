// Begins the process of one engine. A pipe leads from its thread to the journal thread; the network thread
// passes its bytes on as they come. Otherwise it is like every process of user code.

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
  /** Code that runs for this long without progress counts as hanging. */
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

/**
 * Passes bytes on as they come. If the engine dies in the middle of a message, the journal ignores the part.
 */
function relay(pipe: Duplex, port: MessagePort): void {
  pipe.on('data', (chunk: Buffer<ArrayBuffer>) => {
    const bytes = chunk.buffer.slice(chunk.byteOffset, chunk.byteOffset + chunk.length)
    port.postMessage(bytes, [bytes])
  })
  port.on('message', (bytes: ArrayBuffer) => void pipe.write(new Uint8Array(bytes)))
  // The other end may be gone; the exit of the engine says so.
  pipe.on('error', () => {})
  pipe.once('close', () => port.close())
  port.once('close', () => pipe.destroy())
}
