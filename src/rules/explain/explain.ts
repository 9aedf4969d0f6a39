// Says what every rule would make of a message, and why: the answer to `vigie explain`. Nothing runs.

import type { Event } from '../../model/event.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Verdict } from '../../model/verdict.ts'
import { topicMatches } from '../../topics/matches.ts'
import type { CompiledRule, Match } from '../compile/compiled-rule.ts'
import type { World } from '../context/context.ts'
import { nearMissOf } from './near-topics.ts'
import { plan } from '../evaluate/plan.ts'
import type { Plan } from '../evaluate/plan.ts'
import { describeFirings, rehearse } from './rehearse.ts'
import type { RuleSet } from '../compile/rule-set.ts'

export interface Explanation {
  readonly rule: string
  /** `rules/door.ts:12` */
  readonly line: string
  /** `null`: the topic is on none of its filters. */
  readonly verdict: Pick<Verdict, 'stage' | 'reason' | 'key'> | null
  /** `at once`, `after 2m`; empty when it does not fire. */
  readonly fires: string
  /** The actions that the rule would plan. */
  readonly plan: Plan | null
  /** What the author probably expected, and what stands in its way. */
  readonly hint: string | null
}

/** The knowledge besides the message. */
export interface Circumstances {
  readonly world: World
  /** Returns the state of a rule for a key; by default none. */
  state(this: void, rule: string, key: string): JsonObject | null
  /** Returns the reason why a rule is asked about no event: it is paused. By default no rule is. */
  pausedBecause?(this: void, rule: string): string | undefined
}

const NOTHING_KNOWN: Circumstances = { world: { last: () => undefined }, state: () => null }

/** One explanation per rule, in the order of declaration. */
export const explain = (rules: RuleSet, event: Event, circumstances?: Circumstances): Explanation[] =>
  rules.rules.map((rule) => explainRule(rules, rule, event, circumstances))

export function explainRule(
  rules: RuleSet,
  rule: CompiledRule,
  event: Event,
  circumstances: Circumstances = NOTHING_KNOWN,
): Explanation {
  const match = rules.matchOf(rule.name, event.topic)
  return match ? explainMatch(match, event, circumstances) : explainMiss(rules, rule, event.topic)
}

function explainMatch(
  match: Match,
  event: Event,
  { world, state, pausedBecause }: Circumstances,
): Explanation {
  const { name, line } = match.rule
  const reasonOfPause = pausedBecause?.(name)
  if (reasonOfPause !== undefined) {
    const paused = { stage: 'paused', reason: reasonOfPause, key: match.ways[0]?.key ?? '' } as const
    return { rule: name, line, verdict: paused, fires: '', plan: null, hint: null }
  }
  const { verdict, firings } = rehearse(match, event, world, { state: (key) => state(name, key) })
  const [first] = firings
  const { stage, reason, key } = verdict
  return {
    rule: name,
    line,
    verdict: { stage, reason, key },
    fires: describeFirings(firings, event.at),
    plan: first ? plan({ match, event, at: first.at, world, details: first.details }) : null,
    hint: null,
  }
}

function explainMiss(rules: RuleSet, { name, line, triggers }: CompiledRule, topic: string): Explanation {
  const filters = triggers.map(({ filter }) => filter)
  const wild = topic.startsWith(`${rules.root}/`) && filters.some(({ filter }) => topicMatches(filter, topic))
  const hint = wild
    ? `a wildcard in the first level does not reach the hub's own topics; spell ${rules.root}/ out`
    : (nearMissOf(topic, filters) ?? null)
  return { rule: name, line, verdict: null, fires: '', plan: null, hint }
}
