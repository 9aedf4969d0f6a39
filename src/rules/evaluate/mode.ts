// Decides what a new firing does while earlier runs of its rule and key are open. Whoever plans the run asks,
// with the runs that are open at that moment, and acts on the answer.

import type { CompiledRule } from '../compile/compiled-rule.ts'

export type Admission =
  /** Plan it, and end these runs first. */
  | { readonly kind: 'plan'; readonly cancel: readonly number[] }
  /** Plan it, but begin it only when the earlier runs of the key have ended, in their order. */
  | { readonly kind: 'queue' }
  /** A verdict of the stage `mode`, and no run. */
  | { readonly kind: 'skip'; readonly reason: string }

/** @param openRuns ids of the runs of this rule and key that have not ended, oldest first */
export function admit({ mode }: Pick<CompiledRule, 'mode'>, openRuns: readonly number[]): Admission {
  const open = openRuns.length
  if (open === 0) return { kind: 'plan', cancel: [] }
  if (open >= mode.limit) return { kind: 'skip', reason: `dropped: ${open} runs of it are open already` }
  switch (mode.kind) {
    case 'parallel':
      return { kind: 'plan', cancel: [] }
    case 'single':
      return { kind: 'skip', reason: `run ${openRuns[0]} goes on` }
    case 'restart':
      return { kind: 'plan', cancel: openRuns }
    case 'queued':
      return { kind: 'queue' }
  }
  return mode.kind satisfies never
}

/**
 * How many runs of one rule and key may go on side by side. A rule that is no longer there limits nothing.
 */
export const widthOf = (rule: Pick<CompiledRule, 'mode'> | undefined): number =>
  rule?.mode.kind === 'queued' ? 1 : Infinity
