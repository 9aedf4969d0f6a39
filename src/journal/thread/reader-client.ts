// Sends queries to the reader thread. When that thread ends (a query used up its memory), the waiting calls
// are rejected, and the next query starts a new thread.

import { MessageChannel, Worker } from 'node:worker_threads'
import { callsTo } from '../../base/calls.ts'
import type { CallsTo, Remote } from '../../base/calls.ts'
import { messageOf } from '../../base/printable.ts'
import { moduleAt } from '../../base/package.ts'
import type { Queries } from '../../model/queries.ts'
import type { ReaderOptions } from './reader.ts'

type Questions = Omit<Queries, 'close'>

export interface Reader {
  readonly queries: Remote<Questions>
  stop(): Promise<void>
}

/** The caller has opened the journal, so its files exist. The thread starts with the first query. */
export function openReader(dataDir: string): Reader {
  let thread: { readonly worker: Worker; readonly calls: CallsTo<Questions> } | undefined
  let stopped = false
  const start = (): NonNullable<typeof thread> => {
    const { port1, port2 } = new MessageChannel()
    const workerData: ReaderOptions = { dataDir, port: port2 }
    const worker = new Worker(moduleAt('journal/thread/reader'), {
      name: 'reader',
      workerData,
      transferList: [port2],
    })
    const calls = callsTo<Questions>(port1)
    const end = (reason: string): void => {
      calls.close(new Error(`The history cannot be read: ${reason}`))
      if (thread?.worker === worker) thread = undefined
    }
    worker.once('error', (error) => end(messageOf(error)))
    worker.once('exit', () => end('its thread has ended.'))
    return { worker, calls }
  }
  return {
    queries: new Proxy({} as Remote<Questions>, {
      get(_target, method: keyof Questions) {
        if (typeof method !== 'string' || (method as string) === 'then') return undefined
        return (...args: unknown[]) => {
          if (stopped) return Promise.reject(new Error('The history cannot be read: the hub is stopping.'))
          thread ??= start()
          return (thread.calls.remote[method] as (...args: unknown[]) => Promise<unknown>)(...args)
        }
      },
    }),
    async stop() {
      stopped = true
      await thread?.worker.terminate()
    },
  }
}
