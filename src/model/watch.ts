// What a process watch looks for, as data, and how the hub lists it.

import type { ProcessSelector } from './action.ts'

/** A watch as the hub lists it. */
export interface WatchStatus {
  readonly name: string
  /** The reason why the processes of this machine cannot be read; empty when they can. */
  readonly problem: string
}

/** Every condition that is given must hold, without a pause for `forMs`. */
export interface WatchSpec {
  readonly name: string
  readonly select: ProcessSelector
  readonly state?: 'zombie'
  /** Percent of one core. */
  readonly cpuAbove?: number
  readonly memoryAboveBytes?: number
  readonly ageAboveMs?: number
  /** The watch reports the processes beyond this number, the youngest of them. */
  readonly countAbove?: number
  readonly forMs: number
}
