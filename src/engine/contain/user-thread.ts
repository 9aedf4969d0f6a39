// The thread in which code of the user runs, as its warden holds it: watched for a sign of life, and struck when it no longer gets on.

import { Worker } from 'node:worker_threads'
import { serveCalls } from '../../base/calls.ts'
import type { Clock } from '../../base/clock.ts'
import { messageOf } from '../../base/printable.ts'
import { formatDuration } from '../../base/quantities.ts'
import { newPulse, readPulse } from './pulse.ts'
import type { UserUnit } from './pulse.ts'
import { watchPulse } from './watchdog.ts'

export interface Ending {
  /** `crashed`: its whole process was brought down, and nobody knows by whose code. */
  readonly how: 'asked' | 'died' | 'hung' | 'crashed'
  /** What happened, as the end of a sentence. */
  readonly reason: string
  /** Whose code ran; `null` when it was the hub's own, or is not known. */
  readonly unit: UserUnit | null
}

/** Served to every such thread: gives each of these the next number in pulse.ts, counted from 1. */
export interface UnitHost {
  nameUnits(units: readonly UserUnit[]): void
}

export interface UserThreadOptions {
  readonly module: URL
  /** For messages: `engine`. */
  readonly name: string
  /** Beside this the thread is given its `pulse`. */
  readonly data: object
  readonly clock: Clock
  /** When it has run for this long without progress, it hangs. */
  readonly hangLimitMs: number
  readonly heapLimitMiB: number
}

/** Resolves when the thread has ended, by itself or struck; never rejects. */
export function runUserThread(options: UserThreadOptions): Promise<Ending> {
  const { module, name, data, clock, hangLimitMs, heapLimitMiB } = options
  const pulse = newPulse()
  const units: UserUnit[] = []
  const worker = new Worker(module, {
    name,
    workerData: { ...data, pulse },
    resourceLimits: { maxOldGenerationSizeMb: heapLimitMiB, maxYoungGenerationSizeMb: 64 },
  })
  serveCalls<UnitHost>(worker, { nameUnits: (named) => void units.push(...named) })
  const gone = Promise.withResolvers<Ending>()
  const end = (how: Ending['how'], reason: string): void => {
    unwatch()
    gone.resolve({ how, reason, unit: units[readPulse(pulse).unit - 1] ?? null })
  }
  const cpuMs = async (): Promise<number> => {
    const { user, system } = await worker.cpuUsage()
    return (user + system) / 1_000
  }
  const unwatch = watchPulse({ pulse, cpuMs }, clock, hangLimitMs, () =>
    end('hung', `did not come to an end within ${formatDuration(hangLimitMs)}`),
  )
  worker.once('error', (error) => end('died', describeError(error)))
  worker.once('exit', (code) => end('died', `ended its thread with exit code ${code}`))
  return gone.promise
}

function describeError(error: unknown): string {
  const { code, stack } = error as NodeJS.ErrnoException
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return 'used up its memory'
  return `threw ${stack ?? messageOf(error)}`
}
