// Actions as data: what a rule's `do` returns, what a step keeps, what `actions/` performs.

import type { Labels, Severity } from './alert.ts'
import type { JsonObject } from './json.ts'
import type { QoS } from './event.ts'
import type { RequestSpec, TextPattern } from './request.ts'
import type { SecretText } from './secret.ts'

/**
 * How often a step is tried, and the pauses in between: the pause doubles from `minMs` up to `maxMs`, with
 * jitter.
 */
export interface RetrySpec {
  /** The number of attempts, the first one included; at least 1. */
  readonly attempts: number
  readonly minMs: number
  readonly maxMs: number
}

/** The options that every action has. */
interface Manner {
  /**
   * An attempt that takes longer is ended. 0 for the kinds of action that have no time limit (wait,
   * parallel).
   */
  readonly timeoutMs: number
  readonly retry: RetrySpec
  /**
   * Actions that run, in order, when the step is out of attempts; `null` stands for a function of earlier
   * results.
   */
  readonly onFailure?: readonly (ActionSpec | null)[]
}

/** What may be done on another machine, by the agent there. */
interface OnHost {
  /** The name of the other machine; absent: the hub does it. */
  readonly host?: string
}

export interface ShellSpec extends Manner, OnHost {
  readonly kind: 'shell'
  /** The program and its arguments. Nothing parses them again. */
  readonly argv: readonly string[]
  /** Set for `shell.script`: run by `sh -c`, fed by `env` only. */
  readonly script?: string
  readonly cwd?: string
  readonly env?: Readonly<Record<string, SecretText>>
}

/** An HTTP request. Without a body, it sends the event as JSON. */
export interface WebhookSpec extends Manner, RequestSpec {
  readonly kind: 'webhook'
  /** Answers that count as success, besides the statuses 200 to 299. The pattern is searched in the body. */
  readonly expect?: {
    readonly status?: readonly number[]
    readonly body?: TextPattern
  }
}

export interface PublishSpec extends Manner {
  readonly kind: 'publish'
  readonly topic: string
  /** The text to send; base64 where `encoding` says so. */
  readonly payload: { readonly text: string } | { readonly base64: string }
  readonly qos: QoS
  readonly retain: boolean
  readonly properties?: JsonObject
  /** `true` when the message answers a request, so whoever sent the request has chosen the topic. */
  readonly isReply?: true
}

export interface AlertSpec extends Manner {
  readonly kind: 'alert'
  readonly title: string
  readonly body: string
  readonly severity: Severity
  /** Alerts with the same key are one alert. Its topic is `vigie/alerts/<key>`. */
  readonly key: string
  readonly labels: Labels
  /** Key of the alert that mutes this one while it is open; `null` for none. */
  readonly parent: string | null
  /** The alert is told only if it lasts for so long; 0: at once. */
  readonly pendingMs: number
  /** `true` resolves the alert of this key. */
  readonly resolve: boolean
}

/** Tells one notification over its channel. */
export interface NotifySpec extends Manner {
  readonly kind: 'notify'
  /** The channel's name in the configuration. */
  readonly channel: string
  /** See `NotificationRecord`. */
  readonly subject: string
}

/** Identifies one process: the start time tells it from a later process with the same pid. */
export interface ProcessIdentity {
  readonly boot: string
  readonly pid: number
  /** The moment at which it started, in clock ticks since boot (proc(5), field 22). */
  readonly startTicks: number
}

/** Selects processes. A process is selected when it meets every condition that is given. */
export interface ProcessSelector {
  readonly name?: string
  readonly user?: string
  /** A regular expression, searched in the whole command line. */
  readonly commandLine?: string
  readonly olderThanMs?: number
  /** The name of its parent process. */
  readonly parent?: string
  /** The path of a control group; those below it count. */
  readonly cgroup?: string
  /** A systemd unit; without a kind, a service. */
  readonly unit?: string
}

/** Which processes an action is about. */
export type ProcessTarget =
  | { readonly identity: ProcessIdentity; readonly name: string }
  | { readonly select: ProcessSelector }
  /** Those that a watch finds. */
  | { readonly watch: string }

/** What the actions on processes have in common. */
interface OnProcesses extends OnHost {
  /**
   * Users whose processes are meant beside those of the hub's own user; `any` for all of them. Absent: none.
   */
  readonly users?: readonly string[] | 'any'
  /** Unix ms; no attempt begins later. */
  readonly notAfter?: number
}

export interface KillSpec extends Manner, OnProcesses {
  readonly kind: 'kill'
  readonly target: ProcessTarget
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs: number
  /** Ends what belongs to them as well: see process/tree.ts. */
  readonly descendants?: boolean
  /** Signals nobody, and says who would be. */
  readonly dryRun?: boolean
}

export interface ReapSpec extends Manner, OnProcesses {
  readonly kind: 'reap'
  readonly target: { readonly identity: ProcessIdentity; readonly name: string }
  /** `terminate`: if the nudge does not help, end the parent so that init reaps. */
  readonly parent: 'nudge' | 'terminate'
}

export interface ReniceSpec extends Manner, OnProcesses {
  readonly kind: 'renice'
  readonly target: ProcessTarget
  /** From -20 (served first) to 19 (last); see sched(7). */
  readonly nice: number
  readonly dryRun?: boolean
}

/** Starts a command that outlives the step and the hub. */
export interface RestartSpec extends Manner, OnProcesses {
  readonly kind: 'restart'
  readonly argv: readonly string[]
  readonly cwd?: string
  readonly env?: Readonly<Record<string, SecretText>>
  /** Ended first, with all that belongs to them. */
  readonly stop?: ProcessTarget
  readonly graceMs: number
  readonly dryRun?: boolean
}

/** Tells how the processes are. */
export interface ListSpec extends Manner, OnProcesses {
  readonly kind: 'list'
  readonly target: ProcessTarget
}

export interface WaitSpec extends Manner {
  readonly kind: 'wait'
  readonly lengthMs: number
}

/** A function of the rule file. It cannot be stored, so it is found again by its run, rule and path. */
export interface CallSpec extends Manner {
  readonly kind: 'call'
}

/** Runs its child steps side by side. */
export interface ParallelSpec extends Manner {
  readonly kind: 'parallel'
  readonly steps: readonly (ActionSpec | null)[]
}

export type ActionSpec =
  | ShellSpec
  | WebhookSpec
  | PublishSpec
  | AlertSpec
  | NotifySpec
  | KillSpec
  | ReapSpec
  | ReniceSpec
  | RestartSpec
  | ListSpec
  | WaitSpec
  | CallSpec
  | ParallelSpec
export type ActionKind = ActionSpec['kind']
