// What a process watch looks for, as data, what it reports of too few processes, and how the hub lists it.

import type { ProcessSelector, RetrySpec } from './action.ts'
import type { NamedProcess, ProcessReport, ProcessState } from './process.ts'

/** Every condition that is given must hold, without a pause for `forMs`. */
export interface WatchSpec extends WatchConditions {
  readonly name: string
  /** The other machine whose processes are watched; absent: that of the hub. */
  readonly host?: string
  readonly select: ProcessSelector
  /** The watch reports the processes beyond this number, the youngest of them. */
  readonly countAbove?: number
  /** The watch reports that fewer than this many processes run. No other condition is given then. */
  readonly countBelow?: number
  /** How often that is reported again, and when the watch gives up. */
  readonly retry?: RetrySpec
  readonly forMs: number
}

/** What must hold of one process. The order is that in which they are asked: what must be read comes last. */
export interface WatchConditions {
  readonly state?: WatchedState
  /** The process has outlived the one that started it. */
  readonly orphan?: boolean
  readonly memoryAboveBytes?: number
  readonly ageAboveMs?: number
  /** Percent of one core. */
  readonly cpuAbove?: number
  /** The process has not reaped more than this many of its children. */
  readonly zombiesAbove?: number
  /** Open file descriptors. */
  readonly filesAbove?: number
}

export const WATCHED_STATES = ['zombie', 'waiting', 'stopped'] as const satisfies readonly ProcessState[]
export type WatchedState = (typeof WATCHED_STATES)[number]

/** The last level of the topic on which a watch reports too few processes: `<root>/process/<watch>/missing`. */
export const MISSING = 'missing'

/** What a watch with `count: { below }` reports. */
export interface ShortageReport {
  /**
   * `missing`: too few run, for the `attempt`-th time. `given-up`: so it was after the last attempt, too.
   * `back`: enough run again.
   */
  readonly state: 'missing' | 'given-up' | 'back'
  /** How many run. */
  readonly count: number
  /** How many there should be at the least. */
  readonly wanted: number
  /** Counts from 1; from the start again once enough have run for `retry.max`. */
  readonly attempt: number
  readonly attempts: number
}

/** A watch as the hub lists it. */
export interface WatchStatus {
  readonly name: string
  /** The other machine whose processes are watched. */
  readonly host?: string
  /** The reason why the processes cannot be watched; empty when they can. */
  readonly problem: string
  /** There are too few processes, and the watch has given up to report it. */
  readonly hasGivenUp: boolean
}

/** What `vigie ps` shows. */
export interface WatchedProcesses {
  readonly watches: readonly WatchView[]
  /** All zombies of the machine, watched or not. */
  readonly zombies: readonly Zombie[]
}

/** A watch with what it looks at now. */
export interface WatchView extends WatchStatus {
  /** Reports of too few processes so far; `null` for a watch that finds processes. */
  readonly attempt: number | null
  /** How many it selects, or finds where it selects every process. */
  readonly count: number
  readonly processes: readonly WatchedProcess[]
}

export interface WatchedProcess extends ProcessReport {
  /** For how long it has met the conditions; `null` when it does not. */
  readonly heldMs: number | null
  /** The process has been reported. */
  readonly isTold: boolean
}

export interface Zombie {
  readonly pid: number
  /** The other machine on which it is. */
  readonly host?: string
  readonly name: string
  readonly ageMs: number
  /** Who does not reap it. */
  readonly parent: NamedProcess | null
}
