// Rules that people have paused. A paused rule is asked about no event and begins no run; runs that it has
// begun go on. For the rule's timers and schedules the pause counts as a downtime.
//
//   paused ──▶ resumed ──▶ paused
//   │    ▲
//   └────┘  (another reason, or another end)
//
// The CHECK in SQL repeats these names; a test holds them together.

export const RULE_PAUSE_STATES = ['paused', 'resumed'] as const
export type RulePauseState = (typeof RULE_PAUSE_STATES)[number]

/** The newest pause of a rule. */
export interface RulePause {
  readonly rule: string
  readonly state: RulePauseState
  /** Why it is paused, in the words of whoever paused it. */
  readonly reason: string
  /** Who paused it, as words: `anna (client "phone", user "anna")`. */
  readonly by: string
  /** The command that paused it, or changed its reason or end. */
  readonly event: number
  readonly sinceAt: number
  /** Its length when it was given one, which it keeps when the clock is set; `null` otherwise. */
  readonly forMs: number | null
  /** The moment at which it ends by itself; `null`: when somebody resumes the rule. */
  readonly untilAt: number | null
  readonly resumedAt: number | null
  /** Who resumed it, as words; `null` while it is paused. */
  readonly resumedBy: string | null
  /** Counts the changes of this rule's pause. Each is published. */
  readonly version: number
}

/** What people may do to a rule. */
export const RULE_CHANGES = ['pause', 'resume'] as const
export type RuleChange = (typeof RULE_CHANGES)[number]

/** The rule in whose name the hub answers commands about rules. Files cannot have it. */
export const RULES_RULE = '@rules'

/** What the hub says of a pause: in messages, in answers, and over HTTP. */
export interface RulePauseReport {
  readonly rule: string
  readonly state: RulePauseState
  readonly reason: string
  readonly by: string
  /** ISO dates. */
  readonly since: string
  readonly until: string | null
  readonly resumedAt: string | null
  readonly resumedBy: string | null
}

/** What came of a command about a rule, as the hub answers it. */
export type RuleAnswer =
  | { readonly ok: true; readonly pause: RulePauseReport }
  | { readonly ok: false; readonly reason: string }

export const pauseReport = (pause: RulePause): RulePauseReport => ({
  rule: pause.rule,
  state: pause.state,
  reason: pause.reason,
  by: pause.by,
  since: isoDate(pause.sinceAt),
  until: pause.untilAt === null ? null : isoDate(pause.untilAt),
  resumedAt: pause.resumedAt === null ? null : isoDate(pause.resumedAt),
  resumedBy: pause.resumedBy,
})

/** Whether a pause goes on at a moment. One that has ended while no hub ran is still stored as it was. */
export const isPausedAt = ({ state, untilAt }: RulePause, at: number): boolean =>
  state === 'paused' && (untilAt === null || untilAt > at)

/** The reason of the verdict on an event that came while the rule was paused. */
export const pausedReason = ({ reason, by, untilAt }: RulePause): string =>
  `${reason}, says ${by}${untilAt === null ? '' : `, until ${isoDate(untilAt)}`}`

const isoDate = (at: number): string => new Date(at).toISOString()
