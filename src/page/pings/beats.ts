// The past of a ping: a stretch of time in equal beats, each with the worst state that it was in.

import type { PingState } from '../../model/probe.ts'

/** A state, and the moment at which it began (Unix ms). It holds until the next one. */
export interface Span {
  readonly at: number
  readonly state: PingState
}

interface Now {
  readonly state: PingState
  /** When this state began, as an ISO date; `null` before the first report. */
  readonly since: string | null
}

interface Stretch {
  readonly from: number
  readonly until: number
}

/**
 * What is known of the time from `from` on.
 * @param flips the changes within the time, oldest first
 */
export function spansOf(flips: readonly Span[], { state, since }: Now, from: number): readonly Span[] {
  if (flips.length > 0) return flips
  return since === null ? [] : [{ at: Math.max(Date.parse(since), from), state }]
}

/** The worst last. */
const ORDER: readonly PingState[] = ['unknown', 'up', 'unreachable', 'flapping', 'down']

/** @returns `null` for a beat of which nothing is known */
export function beatsOf(
  spans: readonly Span[],
  { from, until }: Stretch,
  count: number,
): readonly (PingState | null)[] {
  const length = (until - from) / count
  return Array.from({ length: count }, (_, index) => {
    const begins = from + index * length
    const holding = spans.findLast(({ at }) => at <= begins)
    const within = spans.filter(({ at }) => at > begins && at < begins + length)
    return worst([...(holding ? [holding] : []), ...within])
  })
}

const worst = (spans: readonly Span[]): PingState | null =>
  spans.reduce<PingState | null>(
    (found, { state }) => (found === null || ORDER.indexOf(state) > ORDER.indexOf(found) ? state : found),
    null,
  )

/** The share of the known time in which it was up, from 0 to 1; `null`: nothing is known. */
export function upShare(spans: readonly Span[], { until }: Stretch): number | null {
  const begins = spans[0]?.at ?? until
  if (begins >= until) return null
  const upMs = spans.reduce(
    (sum, { at, state }, index) => sum + (state === 'up' ? (spans[index + 1]?.at ?? until) - at : 0),
    0,
  )
  return upMs / (until - begins)
}

/** `100 %`, `99.98 %`: never 100 where it was down for a moment. */
export function shareText(share: number): string {
  if (share === 1) return '100 %'
  return `${(Math.floor(share * 10_000) / 100).toFixed(2)} %`
}
