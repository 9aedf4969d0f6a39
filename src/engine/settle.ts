// How an attempt's outcome moves its step: done, tried again later, or dead.

import type { RetrySpec } from '../model/action.ts'
import type { Outcome } from '../model/outcome.ts'
import type { OpenRun } from './open-run.ts'

/** @param random 0 ≤ random < 1, for the jitter */
export function settle(run: OpenRun, path: string, outcome: Outcome, now: number, random: number): void {
  const { attempt, spec } = run.step(path)
  switch (outcome.kind) {
    case 'done':
      run.end(path, 'done', outcome, now)
      return
    case 'retry':
      if (spec !== null && attempt < spec.retry.attempts)
        run.pause(path, now + Math.max(outcome.afterMs ?? 0, backoffMs(spec.retry, attempt, random)), outcome)
      else run.end(path, 'dead', outcome, now)
      return
    case 'give-up':
      run.end(path, 'dead', outcome, now)
      return
  }
  outcome satisfies never
}

/**
 * The pause after the n-th attempt: doubled each time from `minMs` up to `maxMs`, and of that a random part of the upper
 * half, so that what failed together does not come back together.
 */
export function backoffMs({ minMs, maxMs }: RetrySpec, attempt: number, random: number): number {
  const longest = Math.min(maxMs, minMs * 2 ** Math.min(attempt - 1, 40))
  return Math.max(Math.min(minMs, maxMs), Math.round(longest * (0.5 + random / 2)))
}
