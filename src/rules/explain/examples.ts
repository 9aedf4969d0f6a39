// Checks a rule against its own examples when it loads: a rule that does not do what its author says it does
// is refused.

import type { Origin } from '../../model/event.ts'
import { topicNameProblem } from '../../topics/names.ts'
import type { CompiledRule, Match } from '../compile/compiled-rule.ts'
import type { World } from '../context/context.ts'
import { plan } from '../evaluate/plan.ts'
import { nearMissOf } from './near-topics.ts'
import { describeFirings, inventedEvent, payloadText, rehearse } from './rehearse.ts'
import type { Example } from '../authoring/rule.ts'
import { ruleSet } from '../compile/rule-set.ts'
import type { RuleSet } from '../compile/rule-set.ts'
import { problem } from '../compile/problem.ts'
import type { Problem, Spot } from '../compile/problem.ts'

export function checkExamples(rule: CompiledRule, spot: Spot, root: string): Problem[] {
  const examples = rule.definition.examples ?? []
  if (examples.length === 0) return []
  // Its own little world; an example holds for a rule that is switched off, too.
  const alone = ruleSet(root, [{ ...rule, enabled: true }])
  return examples.flatMap((example, index) => {
    const fault = faultOf(example, alone, rule)
    return fault === undefined ? [] : [problem(spot, `examples.${index} (${example.topic}): ${fault}`)]
  })
}

function faultOf(example: Example, alone: RuleSet, { name, triggers }: CompiledRule): string | undefined {
  const { topic, expect, times = 1 } = example
  const bad = topicNameProblem(topic)
  if (bad !== undefined) return bad
  const match = alone.matchOf(name, topic)
  if (match === undefined) return expect === 'skip' ? undefined : missed(topic, triggers)
  const event = inventedEvent(
    topic,
    payloadText(example.payload),
    originOf(example, match),
    momentOf(example, match),
  )
  const world = worldOf(example)
  const { verdict, firings } = rehearse(match, event, world, { times })
  if (verdict.stage === 'error') return verdict.reason
  if (expect === 'skip')
    return firings.length === 0
      ? undefined
      : `expected not to fire, but it fires ${describeFirings(firings, event.at)}: mend the rule, or the example`
  if (firings.length === 0)
    return `expected to fire, but ${verdict.stage} said no${verdict.reason ? `: ${verdict.reason}` : ''}`
  const { at, details } = firings[0]!
  const planned = plan({ match, event, at, world, details })
  return planned.ok ? undefined : planned.reason
}

function missed(topic: string, triggers: CompiledRule['triggers']): string {
  const near = nearMissOf(
    topic,
    triggers.map(({ filter }) => filter),
  )
  const on = triggers.map(({ text }) => text).join(', ')
  return `expected to fire, but the topic is not on a filter of the rule: ${near ?? `it waits for ${on}`}`
}

/** What is not told by an example is no reason for it to fail. */
const momentOf = ({ at }: Example, { rule }: Match): number =>
  at === undefined ? (rule.window?.opensAfter(0) ?? 0) : Date.parse(at)

const originOf = ({ origin }: Example, { ways }: Match): Origin =>
  origin ?? ways.map(({ trigger }) => trigger.origin).find((each) => each !== undefined) ?? 'live'

const worldOf = ({ last = {} }: Example): World => ({
  last: (topic) =>
    Object.hasOwn(last, topic) ? inventedEvent(topic, payloadText(last[topic]), 'live') : undefined,
})
