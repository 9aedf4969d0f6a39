// What the hub answers, as it looks after JSON. Moments of events are ISO dates there, all others Unix ms.

import type { AlertFlip, AlertState, Labels, NotificationRecord, Severity } from '../../model/alert.ts'
import type { PresenceState } from '../../model/client.ts'
import type { Origin, QoS } from '../../model/event.ts'
import type { PingMinute, PingState, PingStatus } from '../../model/probe.ts'
import type { RulePauseReport } from '../../model/rule-pause.ts'
import type { RuleFigures, RuleView } from '../../model/rule-view.ts'
import type { Attempt, Run, Step } from '../../model/run.ts'
import type { Verdict } from '../../model/verdict.ts'

export interface EventAnswer {
  readonly id: number
  readonly at: string
  readonly topic: string
  readonly payload: unknown
  readonly encoding: 'json' | 'text' | 'base64'
  readonly qos: QoS
  readonly retain: boolean
  readonly origin: Origin
  readonly client: string | null
}

/** A client came, or went. */
export interface PresenceChange {
  readonly event: number
  readonly at: number
  readonly state: PresenceState
  readonly reason: string | null
}

/** See `model/story.ts`. What lies on the way down to the subject has neither `skips` nor `steps`. */
export interface StoryEvent extends EventAnswer {
  readonly kind: 'event'
  readonly subject?: true
  readonly skips?: readonly Omit<Verdict, 'event'>[]
  readonly omitted?: number
  readonly children: readonly StoryNode[]
}

export interface StoryRun extends Run {
  readonly kind: 'run'
  readonly subject?: true
  readonly steps?: readonly Step[]
  readonly attempts?: readonly Attempt[]
  readonly omitted?: number
  readonly children: readonly StoryNode[]
}

export type StoryNode = StoryEvent | StoryRun

/** The first node, and the event that caused it where the history no longer has that. */
export type StoryAnswer = StoryNode & { readonly lostCause?: number }

/** A ping with the changes of its state, the oldest first. */
export interface PingAnswer extends PingStatus {
  readonly flips: readonly PingFlip[]
}

export interface PingFlip {
  readonly event: number
  /** Unix ms. */
  readonly at: number
  readonly state: PingState
  readonly reason: string
}

/** The checks of one minute; `at` is when it began, Unix ms. */
export interface PingMinuteAnswer extends Omit<PingMinute, 'from'> {
  readonly at: number
}

/** An alert, as the API lists it; see `alerts/report.ts`. */
export interface AlertAnswer {
  readonly key: string
  readonly state: AlertState
  readonly severity: Severity
  readonly title: string
  readonly body: string
  readonly labels: Labels
  readonly count: number
  /** When its state began; an ISO date, as is `openedAt`. */
  readonly since: string
  readonly openedAt: string
  readonly rule: string | null
  readonly cause: { readonly event: number; readonly topic: string } | null
  readonly parent: string | null
  readonly acknowledgedBy?: string
  readonly silencedBy?: string
}

/** One alert, with its past (the oldest first) and what is told of it. */
export interface AlertStoryAnswer extends AlertAnswer {
  readonly flips: readonly AlertFlip[]
  readonly notifications: readonly NotificationRecord[]
}

/** A rule, with what became of the events on its topics since a moment. */
export interface RuleAnswer extends RuleView, Omit<RuleFigures, 'rule'> {
  /** Its newest pause, also one that is over. */
  readonly pause: RulePauseReport | null
}

export interface RulesAnswer {
  /** The verdicts are counted from this moment on, Unix ms. */
  readonly since: number
  readonly rules: readonly RuleAnswer[]
  /** Why files did not load: sentences, some followed by a part of the source. */
  readonly failures: readonly string[]
  readonly quarantined: readonly string[]
}

/** What a rule would have done; see `http/api/backtest.ts`. Moments are Unix ms. */
export interface BacktestAnswer {
  readonly since: number
  readonly until: number
  readonly upTo: number
  readonly isCut: boolean
  readonly events: number
  readonly would: number
  readonly did: number
  readonly more: readonly number[]
  readonly fewer: readonly number[]
  readonly verdicts: RuleFigures['verdicts']
  readonly error: { readonly event: number; readonly reason: string } | null
  readonly last: readonly {
    readonly event: number
    readonly at: number
    readonly key: string
    readonly steps: readonly (string | null)[]
  }[]
}

export interface WholeRuleAnswer extends RuleAnswer {
  /** The text of its file; `null` when it cannot be read. */
  readonly source: string | null
  /** The newest ones. */
  readonly runs: readonly Run[]
}
