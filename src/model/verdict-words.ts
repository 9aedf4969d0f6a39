// A verdict in words: the stage that decided, and why. The reason may be made of text from outside: whoever
// prints it makes it printable.

import type { Stage, Verdict } from './verdict.ts'

/** The words for stages that give no reason of their own. */
const MEANINGS: Partial<Readonly<Record<Stage, string>>> = {
  enabled: 'the rule is switched off',
  when: 'it returned false',
}

export function describeVerdict({ stage, reason }: Pick<Verdict, 'stage' | 'reason'>): string {
  const why = reason === '' ? MEANINGS[stage] : reason
  return why === undefined ? stage : `${stage}: ${why}`
}
