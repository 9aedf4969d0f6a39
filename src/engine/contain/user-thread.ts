// The thread in which user code runs, as its warden holds it: the warden watches its sign of life and the
// memory that it takes, and ends the thread when it makes no more progress.

import { Worker } from 'node:worker_threads'
import { serveCalls } from '../../base/calls.ts'
import type { Clock } from '../../base/clock.ts'
import { errorText, messageOf } from '../../base/printable.ts'
import { formatDuration, formatSize } from '../../base/quantities.ts'
import { keepBox } from './box-keeper.ts'
import type { Ending } from './ending.ts'
import { fileAtWork } from './file-at-work.ts'
import { ownMemory } from './own-memory.ts'
import { newPulse, readPulse } from './pulse.ts'
import type { UserUnit } from '../../model/suspect.ts'
import { watchPulse } from './watchdog.ts'

/** Served to every such thread: gives each of these the next number in pulse.ts, counted from 1. */
export interface UnitHost {
  nameUnits(units: readonly UserUnit[]): void
}

export interface UserThreadOptions {
  readonly module: URL
  /** The name for messages: `engine`. */
  readonly name: string
  /** Beside this the thread is given its `pulse`. */
  readonly data: object
  readonly clock: Clock
  /** Code that runs for this long without progress counts as hanging. */
  readonly hangLimitMs: number
  readonly heapLimitMiB: number
  /** The descriptor of the black box. */
  readonly box: number
}

const MIB = 2 ** 20
const LOOK_EVERY_MS = 200
/** The memory that a process takes before user code has asked for any. */
const OWN_MIB = 256

/** Resolves when the thread has ended, by itself or struck; never rejects. */
export function runUserThread(options: UserThreadOptions): Promise<Ending> {
  const { module, name, data, clock, hangLimitMs, heapLimitMiB, box } = options
  const pulse = newPulse()
  const units: UserUnit[] = []
  const worker = new Worker(module, {
    name,
    workerData: { ...data, pulse },
    resourceLimits: { maxOldGenerationSizeMb: heapLimitMiB, maxYoungGenerationSizeMb: 64 },
  })
  serveCalls<UnitHost>(worker, { nameUnits: (named) => void units.push(...named) })
  const gone = Promise.withResolvers<Ending>()
  const now = () => {
    const { unit, item } = readPulse(pulse)
    return { unit: units[unit - 1] ?? null, item }
  }
  const end = (how: Ending['how'], reason: string, at = now()): void => {
    unwatch()
    cancelLook()
    gone.resolve({ how, reason, ...at })
  }
  const cpuMs = async (): Promise<number> => {
    const { user, system } = await worker.cpuUsage()
    return (user + system) / 1_000
  }
  const hung = async (): Promise<void> => {
    const at = now()
    const file = at.unit === null ? await fileAtWork(worker, units, clock) : null
    end('hung', `did not come to an end within ${formatDuration(hangLimitMs)}`, {
      ...at,
      unit: at.unit ?? file,
    })
  }
  const unwatch = watchPulse({ pulse, cpuMs }, clock, hangLimitMs, () => void hung())
  const keeper = keepBox(box, () => ({ ...readPulse(pulse), record: now() }))
  /**
   * The most bytes that the process may take: twice the limit of the heap, because buffers lie outside of it.
   */
  const most = (2 * heapLimitMiB + OWN_MIB) * MIB
  let cancelLook = clock.after(LOOK_EVERY_MS, look)
  function look(): void {
    cancelLook = clock.after(LOOK_EVERY_MS, look)
    keeper.look()
    const taken = ownMemory()
    if (taken > most)
      end('died', `used up its memory: its process took ${formatSize(taken)}, most of it in buffers`)
  }
  worker.once('error', (error) => end('died', describeError(error)))
  worker.once('exit', (code) => end('died', `ended with exit code ${code}`))
  return gone.promise
}

function describeError(error: unknown): string {
  if (isOutOfMemory(error)) return 'used up its memory'
  return `threw ${errorText(error, 'stack') || messageOf(error)}`
}

const isOutOfMemory = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
