// One engine's thread as the network thread holds it: begun, listened to, watched for a sign of life, ended. It ends in one
// of three ways: asked to, by itself, or struck because it no longer got on; `ended` says which, and whose code ran.

import { Worker } from 'node:worker_threads'
import { callsTo, serveCalls } from '../base/calls.ts'
import type { Remote } from '../base/calls.ts'
import type { Clock } from '../base/clock.ts'
import { messageOf } from '../base/printable.ts'
import { formatDuration } from '../base/quantities.ts'
import { sibling } from '../base/sibling.ts'
import { newPulse, readPulse } from './pulse.ts'
import type { UserUnit } from './pulse.ts'
import type { EngineHost, EngineThread, ThreadData } from './thread.ts'
import { watchPulse } from './watchdog.ts'

export interface SpawnedEngine {
  readonly remote: Remote<EngineThread>
  /** Resolves when the thread is gone; never rejects. */
  readonly ended: Promise<Ending>
  terminate(): Promise<void>
}

export interface Ending {
  readonly how: 'asked' | 'died' | 'hung'
  /** What happened, as the end of a sentence. */
  readonly reason: string
  /** Whose code ran; `null` when it was the hub's own. */
  readonly unit: UserUnit | null
}

export interface SpawnOptions {
  readonly data: Omit<ThreadData, 'pulse'>
  readonly host: Omit<EngineHost, 'nameUnits'>
  readonly clock: Clock
  /** When it has run for this long without progress, it hangs. */
  readonly hangLimitMs: number
  readonly heapLimitMiB: number
}

export function spawnEngine({ data, host, clock, hangLimitMs, heapLimitMiB }: SpawnOptions): SpawnedEngine {
  const pulse = newPulse()
  const units: UserUnit[] = []
  const worker = new Worker(sibling(import.meta.url, './worker'), {
    name: 'engine',
    workerData: { ...data, pulse } satisfies ThreadData,
    transferList: [data.journal],
    resourceLimits: { maxOldGenerationSizeMb: heapLimitMiB },
  })
  const calls = callsTo<EngineThread>(worker)
  serveCalls<EngineHost>(worker, {
    ...host,
    nameUnits: (named) => {
      units.push(...named)
    },
  })
  const gone = Promise.withResolvers<Ending>()
  const end = (how: Ending['how'], reason: string): void => {
    unwatch()
    calls.close(new Error(`The engine ${reason}.`))
    gone.resolve({ how, reason, unit: units[readPulse(pulse).unit - 1] ?? null })
  }
  const cpuMs = async (): Promise<number> => {
    const { user, system } = await worker.cpuUsage()
    return (user + system) / 1_000
  }
  const unwatch = watchPulse({ pulse, cpuMs }, clock, hangLimitMs, () => {
    end('hung', `did not get on for ${formatDuration(hangLimitMs)}`)
    void worker.terminate()
  })
  worker.once('error', (error) => end('died', describeError(error)))
  worker.once('exit', (code) => end('died', `ended its thread with exit code ${code}`))
  return {
    remote: calls.remote,
    ended: gone.promise,
    async terminate() {
      end('asked', 'was ended')
      await worker.terminate()
    },
  }
}

function describeError(error: unknown): string {
  const { code, stack } = error as NodeJS.ErrnoException
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return 'used up its memory'
  return `threw ${stack ?? messageOf(error)}`
}
