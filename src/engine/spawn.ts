// Begins the thread of one engine.

import type { Clock } from '../base/clock.ts'
import { sibling } from '../base/sibling.ts'
import type { EngineHost, EngineThread, ThreadData } from './thread.ts'
import { spawnUserThread } from './user-thread.ts'
import type { UserThread } from './user-thread.ts'

export type { Ending } from './user-thread.ts'
export type SpawnedEngine = UserThread<EngineThread>

export interface SpawnOptions {
  readonly data: Omit<ThreadData, 'pulse'>
  readonly host: Omit<EngineHost, 'nameUnits'>
  readonly clock: Clock
  /** When it has run for this long without progress, it hangs. */
  readonly hangLimitMs: number
  readonly heapLimitMiB: number
}

export const spawnEngine = ({ data, ...rest }: SpawnOptions): SpawnedEngine =>
  spawnUserThread<EngineThread>({
    module: sibling(import.meta.url, './worker'),
    name: 'engine',
    data,
    transfer: [data.journal],
    ...rest,
  })
