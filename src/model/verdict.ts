// What a rule made of an event, and which stage of the evaluation decided. Kept for every event whose topic
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
] as const
export type Stage = (typeof STAGES)[number]

export interface Verdict {
  readonly rule: string
  readonly key: string
  readonly event: number
  /** `fired`, or the stage that said no (or not yet). */
  readonly stage: Stage
  /**
   * Why, for a person: zod's message, the time until which it is held, … Empty when the stage says it all.
   */
  readonly reason: string
  readonly at: number
}
