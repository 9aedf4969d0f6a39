// A verdict in words: the stage that decided, and why.

import { printable } from '../../base/printable.ts'
import type { Stage, Verdict } from '../../model/verdict.ts'

/** The words for stages that give no reason of their own. */
const MEANINGS: Partial<Readonly<Record<Stage, string>>> = {
  enabled: 'the rule is switched off',
  when: 'it returned false',
}

export function describeVerdict({ stage, reason }: Pick<Verdict, 'stage' | 'reason'>): string {
  const why = reason === '' ? MEANINGS[stage] : printable(reason, 1_000)
  return why === undefined ? stage : `${stage}: ${why}`
}
