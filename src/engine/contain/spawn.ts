// Begins the process of one engine. A pipe leads from its thread to the journal thread; the network thread
// passes its bytes on as they come. Otherwise it is like every process of user code.

import type { Duplex } from 'node:stream'
import type { MessagePort } from 'node:worker_threads'
import { moduleAt } from '../../base/package.ts'
import type { EngineHost, EngineThread, ThreadData } from '../protocol.ts'
import { spawnUserProcess } from './user-process.ts'
import type { UserProcess } from './user-process.ts'

export type { Ending } from './ending.ts'
export type SpawnedEngine = UserProcess<EngineThread>

export interface EngineBeginning {
  readonly data: Omit<ThreadData, 'pulse'>
  /** Code that runs for this long without progress counts as hanging. */
  readonly hangLimitMs: number
  readonly heapLimitMiB: number
}

/** An engine that loads the hub's own code, and waits for its line to the journal and for calls. */
export interface BegunEngine {
  /**
   * Gives the engine what it works with. May be called once.
   * @param journal the engine's end of the journal; it carries bytes
   */
  connect(host: EngineHost, journal: MessagePort): SpawnedEngine
  /** Resolves when its process is gone. */
  terminate(): Promise<void>
}

export function beginEngine(beginning: EngineBeginning): BegunEngine {
  let pipe: Duplex | undefined
  const engine = spawnUserProcess<EngineThread>({
    ...beginning,
    module: moduleAt('engine/worker').href,
    name: 'engine',
    boxDir: beginning.data.dataDir,
    isQuiet: false,
    further(toThread) {
      pipe = toThread
      // The other end may be gone; the exit of the engine says so.
      pipe.on('error', () => {})
    },
  })
  return {
    connect(host, journal) {
      engine.serve(host)
      if (pipe === undefined || pipe.destroyed) journal.close()
      else relay(pipe, journal)
      return engine
    },
    terminate: () => engine.terminate(),
  }
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
  pipe.once('close', () => port.close())
  port.once('close', () => pipe.destroy())
}
