// Stretches of time on the plot of the history: what is chosen by bars, and what lies around it. In the address
// a moment is an age (`24h`) or an ISO date.

import type { Histogram } from '../../model/queries.ts'

/** Moments in Unix ms. */
export interface Range {
  readonly since: number
  readonly until: number
}

/** From the beginning of one bar to the end of another; they may come in either order. */
export function rangeOfBars({ from, stepMs }: Histogram, one: number, other: number): Range {
  const [first, last] = one <= other ? [one, other] : [other, one]
  return { since: from + first * stepMs, until: from + (last + 1) * stepMs - 1 }
}

/** The whole plot. */
export const rangeOfPlot = (plot: Histogram): Range => rangeOfBars(plot, 0, plot.counts.length - 1)

/** Three times as long, around the same middle, and not beyond now. */
export function wider({ since, until }: Range, now: number): Range {
  const length = until - since
  const end = Math.min(now, until + length)
  return { since: end - 3 * length, until: end }
}

/** As the address has it. What reaches to now has no end, so that it goes on. */
export function inAddress({ since, until }: Range, now: number): { since: string; until: string | null } {
  return {
    since: new Date(since).toISOString(),
    until: until >= now - 1_000 ? null : new Date(until).toISOString(),
  }
}
