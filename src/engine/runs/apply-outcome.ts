// Applies the outcome of an attempt to its step, which is then done, tried again later, or dead. An attempt
// without an outcome was cut off.

import type { RetrySpec } from '../../model/action.ts'
import type { Outcome } from '../../model/outcome.ts'
import type { OpenRun } from './open-run.ts'

/** @param random 0 ≤ random < 1, for the jitter */
export function applyOutcome(
  run: OpenRun,
  path: string,
  outcome: Outcome,
  now: number,
  random: number,
): void {
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

/** Further cut-offs count as failures: it may be the step itself that ends the hub, or the machine. */
export const MOST_CUT_OFFS = 5

/**
 * Begins an attempt again at once that was cut off by the end of the hub or its engine, or by a reload that
 * could not wait.
 */
export function cutOff(run: OpenRun, path: string, now: number, random: number): void {
  const { cutOffs } = run.step(path)
  if (cutOffs < MOST_CUT_OFFS) return run.cutOff(path)
  const reason = `the hub or its engine ended while it ran, as ${cutOffs} times before; it may itself be the reason`
  applyOutcome(run, path, { kind: 'retry', reason }, now, random)
}

/**
 * Returns the pause after the n-th attempt. It doubles from `minMs` up to `maxMs`; half of it is random, so
 * that what failed together does not come back together.
 */
export function backoffMs({ minMs, maxMs }: RetrySpec, attempt: number, random: number): number {
  const longest = Math.min(maxMs, minMs * 2 ** Math.min(attempt - 1, 40))
  return Math.max(Math.min(minMs, maxMs), Math.round(longest * (0.5 + random / 2)))
}
