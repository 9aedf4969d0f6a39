// How an attempt's outcome moves its step: done, tried again later, or dead; and what becomes of one without
// an outcome.

import type { RetrySpec } from '../../model/action.ts'
import type { Outcome } from '../../model/outcome.ts'
import type { OpenRun } from './open-run.ts'

/** @param random 0 ≤ random < 1, for the jitter */
export function settle(run: OpenRun, path: string, outcome: Outcome, now: number, random: number): void {
  const { attempt, cutOffs, spec } = run.step(path)
  const tried = attempt - cutOffs
  switch (outcome.kind) {
    case 'done':
      run.end(path, 'done', outcome, now)
      return
    case 'retry':
      if (spec !== null && tried < spec.retry.attempts)
        run.pause(path, now + Math.max(outcome.afterMs ?? 0, backoffMs(spec.retry, tried, random)), outcome)
      else run.end(path, 'dead', outcome, now)
      return
    case 'give-up':
      run.end(path, 'dead', outcome, now)
      return
  }
  outcome satisfies never
}

/** Further ones count as failures: it may be the step itself that ends the hub, or the machine. */
export const MOST_CUT_OFFS = 5

/**
 * The attempt was cut off by the end of the hub or its engine, or by a reload that could not wait: it is made
 * again, at once.
 */
export function cutOff(run: OpenRun, path: string, now: number, random: number): void {
  const { cutOffs } = run.step(path)
  if (cutOffs < MOST_CUT_OFFS) return run.cutOff(path)
  const reason = `the hub or its engine ended while it ran, as ${cutOffs} times before; it may itself be the reason`
  settle(run, path, { kind: 'retry', reason }, now, random)
}

/**
 * The pause after the n-th attempt: doubled each time from `minMs` up to `maxMs`, and of that a random part
 * of the upper half, so that what failed together does not come back together.
 */
export function backoffMs({ minMs, maxMs }: RetrySpec, attempt: number, random: number): number {
  const longest = Math.min(maxMs, minMs * 2 ** Math.min(attempt - 1, 40))
  return Math.max(Math.min(minMs, maxMs), Math.round(longest * (0.5 + random / 2)))
}
