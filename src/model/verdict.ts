// Verdicts: how a rule answered an event, and which stage decided. One is stored for every event whose topic
// matched.

/** The stages. The position in the list is the stage's number in the store: append only. */
export const STAGES = [
  'fired',
  'enabled',
  'origin',
  'payload',
  'when',
  'changed',
  'threshold',
  'for',
  'dedupe',
  'debounce',
  'throttle',
  'rateLimit',
  'count',
  'ttl',
  'mode',
  'error',
  'quarantined',
  'trigger',
  'silence',
  'dryRun',
  'loop',
  'between',
  'task',
  'refused',
  'presence',
  'together',
  'paused',
] as const
export type Stage = (typeof STAGES)[number]

export interface Verdict {
  readonly rule: string
  readonly key: string
  readonly event: number
  /** `fired`, or the stage that said no (or not yet). */
  readonly stage: Stage
  /**
   * The reason, for a person: zod's message, the time until which the rule is held, … Empty when the stage
   * says it all.
   */
  readonly reason: string
  readonly at: number
}
