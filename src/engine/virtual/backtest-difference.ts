// Two accounts of which rules ran for which events, compared.

import type { BacktestReport } from './backtest.ts'

export interface RuleDifference {
  readonly rule: string
  readonly would: number
  readonly did: number
  /** Events for which it would run, and did not; in their order. */
  readonly more: readonly number[]
  /** Events for which it did run, and would not. */
  readonly fewer: readonly number[]
}

/** For each rule the events of its runs. */
export type Firings = ReadonlyMap<string, readonly number[]>

export function firingsOf({ rules, runs }: Pick<BacktestReport, 'rules' | 'runs'>): Firings {
  const events = rules.map((): number[] => [])
  for (const [index, rule] of runs.rule.entries()) events[rule]!.push(runs.event[index]!)
  return new Map(rules.map((rule, place) => [rule, events[place]!]))
}

export const differences = (rules: readonly string[], would: Firings, did: Firings): RuleDifference[] =>
  rules.map((rule) => {
    const [now, before] = [would.get(rule) ?? [], did.get(rule) ?? []]
    return {
      rule,
      would: now.length,
      did: before.length,
      more: without(now, before),
      fewer: without(before, now),
    }
  })

function without(events: readonly number[], others: readonly number[]): readonly number[] {
  const known = new Set(others)
  return [...new Set(events)].filter((event) => !known.has(event)).toSorted((a, b) => a - b)
}
