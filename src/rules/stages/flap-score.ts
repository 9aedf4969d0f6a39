// A score of how often something changes: each change adds 1, and time halves it. From `above` on it is
// flapping, until the score has come down to `until`.

import type { HalvingFlapLimits } from '../authoring/triggers/presence.ts'

// A type, not an interface: it goes where JSON goes.
export type FlapScore = {
  readonly value: number
  /** When the score had this value. */
  readonly scoredAt: number
}

/** The score grows to this many times `above` at most, so that a long fit of flapping ends in bounded time. */
const HIGHEST_SCORE = 2

/** The score after a change at the moment `now`. */
export function scored(before: FlapScore | undefined, now: number, limits: HalvingFlapLimits): FlapScore {
  const value = before === undefined ? 0 : valueAt(before, now, limits)
  return { value: Math.min(value + 1, HIGHEST_SCORE * limits.above), scoredAt: now }
}

const valueAt = ({ value, scoredAt }: FlapScore, now: number, { halfLifeMs }: HalvingFlapLimits): number =>
  value * 2 ** ((scoredAt - now) / halfLifeMs)

/** The first moment at which the score, without another change, is `value` or less. */
export const fallsTo = (score: FlapScore, value: number, { halfLifeMs }: HalvingFlapLimits): number =>
  score.scoredAt + Math.max(0, Math.ceil(halfLifeMs * Math.log2(score.value / value)))
