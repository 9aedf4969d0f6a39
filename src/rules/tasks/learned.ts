// What is usual for a task, learned from its own history: how long a run takes, and how much later than
// expected one begins. Pure.
//
// A limit is  median + 6 × 1.4826 × MAD  of the last 20 values, and at least a floor. MAD is the median of
// the distances from the median; times 1.4826 it is the standard deviation of what is normally distributed.
// Both stay as they are while fewer than half of the values are outliers, so that one night in which a backup
// hung does not move the limit for the next one (Leys et al. 2013, "Detecting outliers").

/** How many values are remembered: the newest. */
export const REMEMBERED = 20
/** Fewer values say nothing about what is usual. */
const FEWEST = 5
/** Robust standard deviations beyond the median that are still usual. */
const DEVIATIONS = 6
const NORMAL = 1.4826

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** `values` and one more, as many of the newest as are remembered. */
export const remembered = (values: readonly number[], value: number): number[] =>
  [...values, value].slice(-REMEMBERED)

/** The usual length of a run, in ms; `null` while too few are known. */
export const usualLength = (lengthsMs: readonly number[]): number | null =>
  lengthsMs.length < FEWEST ? null : Math.round(median(lengthsMs))

/**
 * The longest that a run may take, in ms: at least one and a half times the usual length, and a minute more
 * than it. `null` while too few lengths are known.
 */
export function longestLength(lengthsMs: readonly number[]): number | null {
  if (lengthsMs.length < FEWEST) return null
  const usual = median(lengthsMs)
  return Math.round(usual + Math.max(beyond(lengthsMs), usual / 2, MINUTE_MS))
}

/**
 * How much later than expected a run may begin, in ms: at least a twentieth of the interval and a minute, and
 * at most the interval. From six hours on it is at least 70 minutes, because a job by the wall clock comes an
 * hour late when the clocks go back. While too few runs are known, it is a tenth of the interval.
 * @param latenessMs how much later than expected the last runs began; negative for earlier
 */
export function learnedGrace(latenessMs: readonly number[], everyMs: number): number {
  const floor = Math.max(MINUTE_MS, everyMs / 20, everyMs >= 6 * HOUR_MS ? 70 * MINUTE_MS : 0)
  const late = latenessMs.length < FEWEST ? everyMs / 10 : median(latenessMs) + beyond(latenessMs)
  return Math.round(Math.max(floor, Math.min(late, everyMs)))
}

/** How far from the median a value may lie and still be usual. */
function beyond(values: readonly number[]): number {
  const middle = median(values)
  return DEVIATIONS * NORMAL * median(values.map((value) => Math.abs(value - middle)))
}

function median(values: readonly number[]): number {
  const ordered = values.toSorted((a, b) => a - b)
  const middle = ordered.length / 2
  const [low = 0, high = 0] = [ordered[Math.ceil(middle) - 1], ordered[Math.floor(middle)]]
  return (low + high) / 2
}
