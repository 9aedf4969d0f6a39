// Actions as data: what a rule's `do` returns, what a step keeps, what `actions/` performs.

import type { JsonObject } from './json.ts'
import type { QoS } from './event.ts'
import type { RequestSpec, TextPattern } from './request.ts'
import type { SecretText } from './secret.ts'

/** How a step is tried again: the pause doubles from `minMs` up to `maxMs`, with jitter. */
export interface RetrySpec {
  /** All tries together, the first included; at least 1. */
  readonly attempts: number
  readonly minMs: number
  readonly maxMs: number
}

/** What every action carries. */
interface Manner {
  /** Ends an attempt that takes longer; 0 for the kinds that have no end of their own (wait, parallel). */
  readonly timeoutMs: number
  readonly retry: RetrySpec
  /** What runs, in order, when the step is out of attempts; `null` for a function of earlier results. */
  readonly onFailure?: readonly (ActionSpec | null)[]
}

export interface ShellSpec extends Manner {
  readonly kind: 'shell'
  /** Program and arguments: nothing parses them again. */
  readonly argv: readonly string[]
  /** Set for `shell.script`: run by `sh -c`, fed by `env` only. */
  readonly script?: string
  readonly cwd?: string
  readonly env?: Readonly<Record<string, SecretText>>
}

/** Without a body, the event is sent as JSON. */
export interface WebhookSpec extends Manner, RequestSpec {
  readonly kind: 'webhook'
  /** What counts as success besides the defaults (status 200–299). A body is searched for the pattern. */
  readonly expect?: {
    readonly status?: readonly number[]
    readonly body?: TextPattern
  }
}

export interface PublishSpec extends Manner {
  readonly kind: 'publish'
  readonly topic: string
  /** Text as it is sent; `base64` for bytes. */
  readonly payload: { readonly text: string } | { readonly base64: string }
  readonly qos: QoS
  readonly retain: boolean
  readonly properties?: JsonObject
  /** It answers a request, on a topic that whoever asked has chosen. */
  readonly isReply?: true
}

export type Severity = 'info' | 'warning' | 'critical'

export interface AlertSpec extends Manner {
  readonly kind: 'alert'
  readonly title: string
  readonly body: string
  readonly severity: Severity
  /** Alerts with one key are one alert; the topic is `vigie/alerts/<key>`. */
  readonly key: string
  /** `true` closes the alert of this key. */
  readonly resolve: boolean
}

/** Tells a channel what the event, the report of an alert, says. */
export interface NotifySpec extends Manner {
  readonly kind: 'notify'
  /** Its name in the configuration. */
  readonly channel: string
}

/** Names one process for good: the start time guards against a pid that is used again. */
export interface ProcessIdentity {
  readonly boot: string
  readonly pid: number
  /** Clock ticks since boot at which it started (proc(5), field 22). */
  readonly startTicks: number
}

/** Which processes are meant; all that is given must hold. */
export interface ProcessSelector {
  readonly name?: string
  readonly user?: string
  /** Regular expression over the whole command line. */
  readonly commandLine?: string
  readonly olderThanMs?: number
}

export interface KillSpec extends Manner {
  readonly kind: 'kill'
  readonly target:
    | { readonly identity: ProcessIdentity; readonly name: string }
    | { readonly select: ProcessSelector }
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs: number
  /** Ends what they started as well. */
  readonly descendants?: boolean
}

export interface ReapSpec extends Manner {
  readonly kind: 'reap'
  readonly target: { readonly identity: ProcessIdentity; readonly name: string }
  /** `terminate`: if the nudge does not help, end the parent so that init reaps. */
  readonly parent: 'nudge' | 'terminate'
}

export interface WaitSpec extends Manner {
  readonly kind: 'wait'
  readonly lengthMs: number
}

/** A function of the rule file; found again by run, rule and path, for it cannot be stored. */
export interface CallSpec extends Manner {
  readonly kind: 'call'
}

/** Its children run side by side. */
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
  | WaitSpec
  | CallSpec
  | ParallelSpec
export type ActionKind = ActionSpec['kind']
