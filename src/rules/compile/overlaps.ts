// Finds rules that may fire for the same message: often meant, sometimes a copy that was forgotten. An
// overlap is no error, but worth a line.

import { type Hides, hidesRoot } from '../../topics/hidden.ts'
import { filtersOverlap } from '../../topics/overlap.ts'
import type { CompiledRule, CompiledTrigger } from './compiled-rule.ts'
import type { RuleSet } from './rule-set.ts'

export interface Overlap {
  readonly rules: readonly [string, string]
  /** The triggers that meet, as they are written. */
  readonly on: readonly [string, string]
}

/** Pairs of enabled rules, in the order of their declaration; of each pair the first triggers that meet. */
export function overlapsOf({ root, rules }: Pick<RuleSet, 'root' | 'rules'>): Overlap[] {
  const hides = hidesRoot(root)
  const enabled = rules.filter((rule) => rule.enabled)
  return enabled.flatMap((rule, index) =>
    enabled.slice(index + 1).flatMap((other) => {
      const on = meeting(rule, other, hides)
      return on ? [{ rules: [rule.name, other.name] as const, on }] : []
    }),
  )
}

function meeting(rule: CompiledRule, other: CompiledRule, hides: Hides): Overlap['on'] | undefined {
  for (const one of rule.triggers)
    for (const two of other.triggers) if (meet(one, two, hides)) return [one.text, two.text]
  return undefined
}

function meet(one: CompiledTrigger, two: CompiledTrigger, hides: Hides): boolean {
  // Both choose among the messages of a topic, such as `up` and `down` of one ping: whether they meet is not
  // in their filters.
  if (one.refuses && two.refuses) return false
  return filtersOverlap(one.filter.filter, two.filter.filter, hides)
}
