// The calls that the network thread and the engine's thread make to each other. Everything else in engine/
// lives on one side.

import type { LogOptions } from '../base/log.ts'
import type { Coordinates } from '../calendar/sun.ts'
import type { Attachment } from '../model/attachment.ts'
import type { AlertSettings } from '../model/alert-settings.ts'
import type { DeclaredNames } from '../model/declarations.ts'
import type { Publication } from '../model/event.ts'
import type { Outcome } from '../model/outcome.ts'
import type { EngineAtWork } from '../model/hub-status.ts'
import type { RetainedHead } from '../model/store.ts'
import type { RuleView } from '../model/rule-view.ts'
import type { RerunAnswer, RerunOrder, RunAnswer, RunChange, StepRef } from '../model/run.ts'
import type { WatchedProcesses } from '../model/watch.ts'
import type { UserUnit, WorkItem } from '../model/suspect.ts'

/** The most steps that may be under way at one time. */
export interface PlaceLimits {
  /** The limit for all rules together. */
  readonly total: number
  readonly perRule: number
}

export interface WorkLimits {
  /** Steps that run on this machine: shell, call, and what is done to processes. */
  readonly steps: PlaceLimits
  /** Steps that speak to other machines: webhook, alert. */
  readonly requests: PlaceLimits
}

/** No event received up to the moment `at` has an id above `id`. */
export interface Received {
  readonly id: number
  readonly at: number
}

/** The data with which an engine's thread begins. */
export interface ThreadData {
  readonly rulesDir: string
  readonly dataDir: string
  /** The first level of the hub's own topics: `vigie`. */
  readonly root: string
  /** The position of the hub, for the sun. */
  readonly place: Coordinates | undefined
  /** The shared subscription of another broker at which the hub works; `null` for none. */
  readonly attachment: Attachment | null
  readonly log: LogOptions
  readonly limits: WorkLimits
  readonly alerts: AlertSettings
  /** See `HubPorts`. */
  readonly outputBytes: number
  readonly packetBytes: number
  /** The folder in which secrets lie as files; `null` for none. */
  readonly secretsDir: string | null
  /**
   * The number of engines before this one that died in a row while no rule ran: a step that they performed
   * may be the reason.
   */
  readonly deathsOutsideRules: number
  /**
   * `true` when an engine before this one was brought down by nobody knows whom: then the black box is kept
   * for a while.
   */
  readonly careful: boolean
  /** See pulse.ts. */
  readonly pulse: SharedArrayBuffer
  /** Quarantined files and rules: they are not loaded or evaluated. */
  readonly quarantined: readonly UserUnit[]
  /** Events and runs that are set aside: the engine passes over them, and logs it. */
  readonly setAside: readonly WorkItem[]
}

/** Paths outside the rules folder's own files on which the rules depend. All are absolute. */
export interface Beyond {
  /** Files that rules import, or would import if they were there, and links in the rules folder. */
  readonly looked: readonly string[]
  /** Folders to which links in the rules folder lead. */
  readonly folders: readonly string[]
}

export interface LoadReport extends DeclaredNames {
  readonly version: string
  /** MQTT filters of the events for which the rules wait. */
  readonly filters: readonly string[]
  /**
   * The reason why the folder as a whole could not be read, so that nothing is known of its rules; `null`
   * when it could.
   */
  readonly unreadable: string | null
  /**
   * The problems of loading, `unreadable` included: each a sentence, some followed by a frame of the source.
   */
  readonly failures: readonly string[]
  readonly warnings: readonly string[]
  readonly beyond: Beyond
}

/** The calls with which the hub begins, replaces and ends an engine. */
export interface EngineLife {
  /** Loads and checks the rules; nothing is evaluated yet. */
  load(): Promise<LoadReport>
  /**
   * Begins at the cursor. The steps that another engine still performs are left to it; their outcomes come
   * through `stepEnded`.
   */
  start(elsewhere: readonly StepRef[]): Promise<void>
  /**
   * Stops planning and beginning steps, but ends the steps under way, which it returns. The successor takes
   * charge.
   */
  handOver(): Promise<readonly StepRef[]>
  /** The outcome of a step that an engine before this one performed; `null`: that engine could not end it. */
  stepEnded(step: StepRef, outcome: Outcome | null): Promise<void>
  /** The successor has cancelled a step that this engine performs. */
  abort(step: StepRef, reason: string): void
  /**
   * Resolves when all is quiet and written. Steps that take longer than `patienceMs` are aborted, and
   * performed again later.
   */
  stop(patienceMs: number): Promise<void>
}

/** What the hub asks of an engine between its beginning and its end; see requests.ts. */
export interface EngineRequests {
  /** See by-hand.ts. */
  changeRun(id: number, change: RunChange): Promise<RunAnswer>
  /** See rerun.ts. */
  rerun(id: number, order: RerunOrder): Promise<RerunAnswer>
  status(): EngineAtWork
  /** The rules in force, without those of the hub's own. */
  rules(): readonly RuleView[]
  /** What the watches look at; `null` before the engine is in charge. */
  processes(): Promise<WatchedProcesses | null>
}

/** The calls that the engine's thread serves. */
export interface EngineThread extends EngineLife, EngineRequests {}

/** The calls that the network thread serves. */
export interface EngineHost {
  /** Resolves with the ids of the events, in order, once each is committed or refused. */
  publish(publications: readonly Publication[]): Promise<readonly PromiseSettledResult<number>[]>
  /** See planner.ts. */
  received(): Received
  /**
   * Publishes these retained messages as events, in this order, leaving out those that are retained no more.
   * Resolves when they are committed.
   */
  recall(messages: readonly RetainedHead[]): Promise<void>
  /**
   * The outcome of a step that was performed here after `handOver`; the hub passes it on to the successor.
   */
  stepEnded(step: StepRef, outcome: Outcome | null): void
  /** The engine cancels a step that its predecessor performs. */
  abortElsewhere(step: StepRef, reason: string): void
}
