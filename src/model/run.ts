// A run (one firing of a rule) and its steps (one per action): their states and legal moves.
//
//   run    planned ──▶ running ──▶ done
//             │           ├──────▶ dead ──▶ running      (out of attempts; retried by hand)
//             └───────────┴──────▶ cancelled ◀── dead   (discarded by hand)
//          dry                                (a dry run: kept to be read, never performed; its steps are skipped)
//
//   step   pending ──▶ running ──▶ done
//             │  ▲        ├──────▶ waiting ──▶ running   (a retry with backoff, or a durable wait)
//             │  │        ├──────▶ dead ─────▶ pending   (retried by hand)
//             │  └────────┤                              (cut off: the hub ended under it)
//             ├──▶ skipped ──────▶ pending               (retried by hand)
//             └──▶ cancelled
//
// The SQL CHECKs repeat these names; a test holds them together.

import type { ActionSpec, ProcessIdentity } from './action.ts'
import type { JsonObject } from './json.ts'
import type { Outcome } from './outcome.ts'

/** The rule in whose name the hub tells people of alerts, and answers commands about them. Files cannot have it. */
export const ALERT_RULE = '@alerts'

export const RUN_STATES = ['planned', 'running', 'done', 'dead', 'cancelled', 'dry'] as const
export type RunState = (typeof RUN_STATES)[number]

export const NEXT_RUN_STATES: Readonly<Record<RunState, readonly RunState[]>> = {
  planned: ['running', 'cancelled'],
  running: ['done', 'dead', 'cancelled'],
  done: [],
  dead: ['running', 'cancelled'],
  cancelled: [],
  dry: [],
}

export const STEP_STATES = ['pending', 'running', 'waiting', 'done', 'dead', 'skipped', 'cancelled'] as const
export type StepState = (typeof STEP_STATES)[number]

export const NEXT_STEP_STATES: Readonly<Record<StepState, readonly StepState[]>> = {
  pending: ['running', 'skipped', 'cancelled'],
  running: ['done', 'waiting', 'dead', 'pending', 'cancelled'],
  waiting: ['running', 'cancelled'],
  done: [],
  dead: ['pending'],
  skipped: ['pending'],
  cancelled: [],
}

export interface Run {
  readonly id: number
  readonly rule: string
  /**
   * Separates the firings of one rule: timers, modes and order are per key. By default it is made of the
   * rule's params.
   */
  readonly key: string
  /** The event that fired it. */
  readonly event: number
  readonly state: RunState
  readonly plannedAt: number
  readonly startedAt: number | null
  readonly endedAt: number | null
  /**
   * The reason why the run was cancelled, or is dead although no step failed, as the end of a sentence;
   * `null` otherwise.
   */
  readonly reason: string | null
  /** Absent or `null`: the firing says no more than its event. */
  readonly details?: FiringDetails | null
}

/** What became of something whose presence a rule follows. */
export const PRESENCE_CHANGES = ['lost', 'back', 'flapping', 'steady'] as const
export type PresenceChange = (typeof PRESENCE_CHANGES)[number]

/** Several firings of a rule that are one. */
export interface Together {
  /** How many keys there are. */
  readonly count: number
  /** The first keys, in the order in which they fired; at most `MOST_KEYS_TOLD`. */
  readonly keys: readonly string[]
}

/** The most keys of a joint firing that `do` is told by name. */
export const MOST_KEYS_TOLD = 100

/** What a firing says beside its event: `do` is asked with it again after a restart. */
export interface FiringDetails {
  readonly change?: PresenceChange
  readonly together?: Together
  /** What a stage made of the event: `do` is given this in place of the event's payload. */
  readonly payload?: JsonObject
  /** What somebody gave in place of the event's payload, as text, when the run was run again by hand. */
  readonly input?: string
  /** Set when this run runs another one again. */
  readonly rerun?: {
    readonly run: number
    /** The path of the first step that was performed; what the steps before gave is that run's. */
    readonly from: string
    /** Who wanted it; `null`: nobody said so. */
    readonly by: string | null
  }
}

export interface Step {
  readonly run: number
  /**
   * The position in the run: '0', '1', …; children of a parallel step are '1.0', '1.1', …; steps of
   * `onFailure` are '1!0', …
   */
  readonly path: string
  /** The action to perform; `null` while it is a function of earlier results that has not been called yet. */
  readonly spec: ActionSpec | null
  readonly state: StepState
  /** The number of attempts that have begun. */
  readonly attempt: number
  /**
   * The number of these attempts that were cut off by the end of the hub or the engine, and do not count
   * against `retry.attempts`.
   */
  readonly cutOffs: number
  /** The moment at which a waiting step goes on, Unix ms. */
  readonly wakeAt: number | null
  readonly startedAt: number | null
  readonly endedAt: number | null
  /** The outcome of the last attempt. */
  readonly outcome: Outcome | null
  /** The process that performs it, or performed it when the hub died. */
  readonly process?: ProcessIdentity | null
}

/** Identifies one step: the run and the path. */
export interface StepRef {
  readonly run: number
  readonly path: string
}

/** Distinguishes a step from all others, as a key of maps. */
export const stepId = ({ run, path }: StepRef): string => `${run} ${path}`

const PATHS = new Intl.Collator('en', { numeric: true })

/** Orders steps and attempts: '2' before '10', and a step before its children. */
export const byPath = (a: { readonly path: string }, b: { readonly path: string }): number =>
  PATHS.compare(a.path, b.path)

/** The changes of a run that an operator may ask for: retry or discard a dead run, cancel an open one. */
export const RUN_CHANGES = ['retry', 'cancel', 'discard'] as const
export type RunChange = (typeof RUN_CHANGES)[number]

/** The answer to a change that an operator asked for. */
export type RunAnswer = { readonly ok: true } | { readonly ok: false; readonly reason: string }

/** How an operator wants a run to be run again. */
export interface RerunOrder {
  /** The path of the step to begin from, in the first row; `0` for the beginning. */
  readonly from: string
  /** The payload that the rule is given in place of its event's, as text. */
  readonly input?: string
  readonly by?: string
}

/** `run` is the new one. */
export type RerunAnswer =
  | { readonly ok: true; readonly run: number }
  | { readonly ok: false; readonly reason: string }

/** One attempt of a step. */
export interface Attempt {
  readonly path: string
  /** Counts from 1. */
  readonly attempt: number
  readonly startedAt: number
  readonly endedAt: number | null
  readonly outcome: Outcome | null
}
