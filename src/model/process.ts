// A process of this machine as the hub reports it: the payload of `<root>/process/<watch>/<pid>`, and what a
// watch hands to its `do` as `process`.

import type { ProcessIdentity } from './action.ts'

export interface ProcessReport {
  readonly identity: ProcessIdentity
  /** The other machine on which it runs; absent: that of the hub. */
  readonly host?: string
  readonly pid: number
  readonly ppid: number
  readonly name: string
  /** Name of the user, or the number when the machine does not know a name for it. */
  readonly user: string
  /** The user whom the watch names: `kill` may end its processes though they are not the hub's. */
  readonly meantUser?: string
  readonly state: ProcessState
  /** Arguments with a space between them, cut to a few KiB; the name in brackets when there are none. */
  readonly commandLine: string
  readonly ageMs: number
  readonly memoryBytes: number
  /** Share of one core, so 200 is two cores in full; `null` until two samples tell. */
  readonly cpuPercent: number | null
  /** The parent process; `null` where there is none. */
  readonly parent: NamedProcess | null
}

/** A process by name, for people, and by identity, for `kill`. */
export interface NamedProcess {
  readonly identity: ProcessIdentity
  /** As of the process whose parent it is. */
  readonly host?: string
  readonly pid: number
  readonly name: string
}

/** How one process ended that was to be ended. */
export interface ProcessEnding {
  readonly pid: number
  readonly name: string
  readonly how:
    /** SIGTERM ended it. */
    | 'terminated'
    /** SIGKILL ended it, after the grace period. */
    | 'killed'
    /** The process had ended before the first signal. */
    | 'gone'
    /** The process was never signalled; `why` says what it is. */
    | 'spared'
    /** The hub may not signal it, or it is still there after SIGKILL; `why` says which. */
    | 'survived'
    /** A dry run: it would be ended. */
    | 'meant'
  readonly why?: string
}

export type ProcessState = 'running' | 'sleeping' | 'waiting' | 'stopped' | 'zombie' | 'idle' | 'other'
