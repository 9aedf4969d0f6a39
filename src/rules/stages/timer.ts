// A timer that runs out for one candidate, and what it does when it spans a time in which the hub was down:
// it may have missed the message that would have put it off.

import { formatDuration } from '../../base/quantities.ts'
import type { OnGap } from '../authoring/rule.ts'
import { shiftMoments } from '../../model/moments.ts'
import type { DownPeriod, Move, Candidate } from './stage.ts'

export interface Running<T extends Timer = Timer> {
  readonly timer: T
  /** `passage` is its name in the store: a timer that runs outlives an upgrade of the hub. */
  readonly passage: Candidate
}

// A type, not an interface: it goes where JSON goes.
export type Timer = {
  /** When the timer was last set. */
  readonly setAt: number
  readonly dueAt: number
}

/** @param begin the timer as it would be, set anew at a moment */
export function throughDowntime<T extends Timer>(
  memory: Running<T>,
  period: DownPeriod,
  onGap: OnGap,
  begin: (at: number) => T,
): Move<Running<T>> {
  const { timer, passage } = memory
  const downMs = period.toAt - period.fromAt
  const spansIt = timer.setAt <= period.fromAt && timer.dueAt > period.fromAt
  if (!spansIt || onGap === 'fire') return { memory }
  if (onGap === 'continue') return { memory: { timer: shiftMoments(timer, downMs) as T, passage } }
  if (onGap === 'restart') return { memory: { timer: begin(period.toAt), passage } }
  return {
    memory: undefined,
    held: { event: passage.event, reason: `dropped: the hub was down for ${formatDuration(downMs)}` },
  }
}
