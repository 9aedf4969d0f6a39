// The rows of the tree that are here, and what is known of each: frames go in, rows come out. Nothing is kept of
// what has left the window.

import type { TopicFacts, TopicRow, TopicsFrame } from '../../http/live/views.ts'

export interface Row extends TopicRow {
  /** `null`: not here yet. */
  readonly facts: TopicFacts | null
}

export interface Rows {
  /** Position of the first row. */
  readonly from: number
  readonly rows: readonly Row[]
  readonly state: Omit<TopicsFrame, 'kind' | 'from' | 'rows' | 'facts'>
}

export const NO_ROWS: Rows = {
  from: 0,
  rows: [],
  state: { total: 0, topics: 0, rate: 0, isRestoring: true, isSearching: false, found: 0, beyond: 0 },
}

export function withFrame(before: Rows, { kind: _kind, from, rows, facts, ...state }: TopicsFrame): Rows {
  const layout: readonly TopicRow[] = rows ?? before.rows
  const known = new Map(before.rows.map((row) => [row.topic, row]))
  return {
    from: rows ? (from ?? 0) : before.from,
    rows: layout.map((row) => {
      const old = known.get(row.topic)
      const fresh = facts[row.topic]
      // A row that has not changed is the same object, which is not rendered again.
      if (rows === undefined && fresh === undefined) return row as Row
      return { ...row, facts: fresh ?? old?.facts ?? null }
    }),
    state,
  }
}

/** The rate at this moment: it decays by e in `overMs` since the last message. */
export const rateNow = ({ rate, ratedAt }: TopicFacts, now: number, overMs = 5_000): number =>
  rate * Math.exp(Math.min(0, ratedAt - now) / overMs)

/** The levels above a topic: `a/b/c` has `a` and `a/b`. */
export function levelsAbove(topic: string): string[] {
  const names = topic.split('/')
  return names.slice(1).map((_name, index) => names.slice(0, index + 1).join('/'))
}
