// The latency of a ping as the columns of a plot: moments, least, median and most of each minute. A gap in the
// minutes becomes a gap in the lines.

import type { PingMinuteAnswer } from '../api/answers.ts'

type Column = (number | null)[]

export interface PlotData {
  /** Unix seconds, as uPlot takes them. */
  readonly at: number[]
  readonly min: Column
  readonly median: Column
  readonly max: Column
}

/** A pause between two minutes after which no line joins them. */
const GAP_MS = 5 * 60_000

/** @param minutes oldest first */
export function plotOf(minutes: readonly PingMinuteAnswer[]): PlotData {
  const plot: PlotData = { at: [], min: [], median: [], max: [] }
  const add = (at: number, min: number | null, median: number | null, max: number | null): void => {
    plot.at.push(at / 1_000)
    plot.min.push(min)
    plot.median.push(median)
    plot.max.push(max)
  }
  let last: number | undefined
  for (const { at, minMs, medianMs, maxMs } of minutes) {
    // A minute may come in two messages.
    if (last !== undefined && at <= last) continue
    if (last !== undefined && at - last > GAP_MS) add(last + 1, null, null, null)
    add(at, minMs, medianMs, maxMs)
    last = at
  }
  return plot
}
