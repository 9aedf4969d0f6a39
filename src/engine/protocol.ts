// What the network thread and the engine's thread may ask of each other. Everything else in engine/ lives on
// one side.

import type { LogOptions } from '../base/log.ts'
import type { Coordinates } from '../calendar/sun.ts'
import type { AlertChannel } from '../model/alert-channel.ts'
import type { DeclaredNames } from '../model/declarations.ts'
import type { Publication } from '../model/event.ts'
import type { Outcome } from '../model/outcome.ts'
import type { EngineAtWork } from '../model/hub-status.ts'
import type { RetainedHead } from '../model/store.ts'
import type { RunAnswer, RunChange, StepRef } from '../model/run.ts'
import type { Task, UserUnit } from '../model/suspect.ts'

/** How many steps may be under way at one time. */
export interface PlaceLimits {
  /** Over all rules. */
  readonly total: number
  readonly perRule: number
}

export interface WorkLimits {
  /** Steps that run on this machine: shell, call, kill, reap. */
  readonly steps: PlaceLimits
  /** Steps that speak to other machines: webhook, alert. */
  readonly requests: PlaceLimits
}

/** No event up to the moment `at` has an id above `id`. */
export interface Received {
  readonly id: number
  readonly at: number
}

/** What an engine's thread is given to begin with. */
export interface ThreadData {
  readonly rulesDir: string
  readonly dataDir: string
  /** Of the hub's own topics: `vigie`. */
  readonly root: string
  /** Where the hub is, for the sun. */
  readonly place: Coordinates | undefined
  readonly log: LogOptions
  readonly limits: WorkLimits
  readonly alertChannels: readonly AlertChannel[]
  /** See `HubPorts`. */
  readonly outputBytes: number
  readonly packetBytes: number
  /** Where secrets lie as files; `null` for nowhere. */
  readonly secretsDir: string | null
  /**
   * Engines before this one that died in a row while no rule was at work: what they performed may be the
   * reason.
   */
  readonly deathsOutsideRules: number
  /**
   * An engine before this one was brought down, and nobody knows by whom: the black box is kept for a while.
   */
  readonly careful: boolean
  /** See pulse.ts. */
  readonly pulse: SharedArrayBuffer
  /** Files and rules that ended an engine: not loaded, not evaluated. */
  readonly quarantined: readonly UserUnit[]
  /** Events and runs that ended engines: passed over, with a word. */
  readonly setAside: readonly Task[]
}

/** What lies beyond the files of the rules folder, and changes the rules when it changes. Absolute paths. */
export interface Beyond {
  /** Files that rules import, or would if they were there, and links in the rules folder. */
  readonly looked: readonly string[]
  /** Folders to which links in the rules folder lead. */
  readonly folders: readonly string[]
}

export interface LoadReport extends DeclaredNames {
  readonly version: string
  /** MQTT filters of the events that the rules wait for. */
  readonly filters: readonly string[]
  /**
   * Why the folder as a whole could not be read, so that nothing is known of its rules; `null` when it could.
   */
  readonly unreadable: string | null
  /** What did not load, that included: each a sentence, some with a frame on the lines below. */
  readonly failures: readonly string[]
  readonly warnings: readonly string[]
  readonly beyond: Beyond
}

/** Served by the engine's thread. */
export interface EngineThread {
  /** Loads and checks the rules; nothing is evaluated yet. */
  load(): Promise<LoadReport>
  /**
   * Begins at the cursor. What another engine still performs is left to it: its outcomes come by `settled`.
   */
  start(elsewhere: readonly StepRef[]): Promise<void>
  /** Plans and begins no more, but ends what it performs; says what that is. The successor is in charge. */
  handOver(): Promise<readonly StepRef[]>
  /** An engine before this one has performed a step; `null`: it could not end it. */
  settled(step: StepRef, outcome: Outcome | null): Promise<void>
  /** The successor has cancelled a step that is performed here. */
  abort(step: StepRef, reason: string): void
  /** See by-hand.ts. */
  changeRun(id: number, change: RunChange): Promise<RunAnswer>
  status(): EngineAtWork
  /**
   * Resolves when all is quiet and written. What takes longer than `patienceMs` is aborted, and done again
   * later.
   */
  stop(patienceMs: number): Promise<void>
}

/** Served by the network thread. */
export interface EngineHost {
  /** Resolves when all are committed or refused, with the ids of their events. */
  publish(publications: readonly Publication[]): Promise<readonly PromiseSettledResult<number>[]>
  /** See planner.ts. */
  received(): Received
  /**
   * Tells the engine what is retained as events, in this order; what no longer is, is left out. Resolves when
   * they are committed.
   */
  recall(messages: readonly RetainedHead[]): Promise<void>
  /** A step that was performed here after `handOver`: passed on to the successor. */
  settledElsewhere(step: StepRef, outcome: Outcome | null): void
  /** The engine cancels a step that its predecessor performs. */
  abortElsewhere(step: StepRef, reason: string): void
}
