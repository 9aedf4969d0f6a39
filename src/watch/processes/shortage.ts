// Too few processes of a kind: when that is reported, when again, and when the watch gives up. Pure.
//
//   enough ──too few for `forMs`──▶ missing 1 ──▶ missing 2 ──▶ … ──▶ missing n ──▶ given up
//      ▲                               └─────────────┴──────────────────┴────────────┘
//      └── enough again: told as `back`
//
// The pause before the next report doubles from `retry.minMs` up to `retry.maxMs`. The attempts are counted
// from the start again, also after giving up, once enough have run for `retry.maxMs`: a program that ends soon
// after each start is given up, too.

import type { RetrySpec } from '../../model/action.ts'
import type { ShortageReport, WatchSpec } from '../../model/watch.ts'

/** Moments are on the clock of the process table. */
export interface Shortage {
  /** Reports so far. */
  readonly attempt: number
  /** Since when there are too few, or enough. */
  readonly sinceMs: number
  readonly isShort: boolean
  /** When the last report was made. */
  readonly toldMs: number
  readonly hasGivenUp: boolean
  /** The shortage that goes on has been reported. */
  readonly isTold: boolean
}

export const ENOUGH: Shortage = {
  attempt: 0,
  sinceMs: 0,
  isShort: false,
  toldMs: 0,
  hasGivenUp: false,
  isTold: false,
}

/** What a watch that asks for too few processes is made of. */
export type ShortageSpec = WatchSpec & Required<Pick<WatchSpec, 'countBelow' | 'retry'>>

/** @param count how many run now */
export function look(
  before: Shortage,
  count: number,
  nowMs: number,
  { countBelow, retry, forMs }: ShortageSpec,
): { readonly shortage: Shortage; readonly report: ShortageReport | null } {
  const isShort = count < countBelow
  const now = isShort === before.isShort ? before : { ...before, isShort, sinceMs: nowMs }
  const heldMs = nowMs - now.sinceMs
  const told = (state: ShortageReport['state'], shortage: Shortage) => ({
    shortage,
    report: { state, count, wanted: countBelow, attempt: shortage.attempt, attempts: retry.attempts },
  })
  const silent = (shortage: Shortage) => ({ shortage, report: null })

  if (!isShort) {
    if (now.isTold) return told('back', { ...now, isTold: false })
    const isSteady = now.attempt > 0 && heldMs >= retry.maxMs
    return silent(isSteady ? { ...now, attempt: 0, hasGivenUp: false } : now)
  }
  if (now.hasGivenUp || heldMs < forMs) return silent(now)
  if (now.attempt > 0 && nowMs - now.toldMs < pauseMs(now.attempt, retry)) return silent(now)
  if (now.attempt >= retry.attempts) return told('given-up', { ...now, isTold: true, hasGivenUp: true })
  return told('missing', { ...now, attempt: now.attempt + 1, toldMs: nowMs, isTold: true })
}

/** The pause behind a report. */
const pauseMs = (attempt: number, { minMs, maxMs }: RetrySpec): number =>
  Math.min(maxMs, minMs * 2 ** (attempt - 1))

/** The same after a time that does not count. */
export const postponedShortage = (shortage: Shortage, lengthMs: number): Shortage => ({
  ...shortage,
  sinceMs: shortage.sinceMs + lengthMs,
  toldMs: shortage.toldMs + lengthMs,
})
