// All rules of one load, and the question that is asked for every event: which of them read its topic?
// Answered from a cache, so that the price does not depend on how many rules there are.

import type { PingSpec } from '../../model/probe.ts'
import type { WatchSpec } from '../../model/watch.ts'
import { paramsOf } from '../../topics/filters.ts'
import { hidesRoot } from '../../topics/hidden.ts'
import { TopicTree } from '../../topics/tree.ts'
import type { CompiledSchedule, Expectation } from './compile-rule.ts'
import type { CompiledRule, CompiledTrigger, Match, Way } from './compiled-rule.ts'
import type { Problem } from './problem.ts'

export interface RuleSet {
  /** First level of the hub's own topics. */
  readonly root: string
  readonly rules: readonly CompiledRule[]
  rule(name: string): CompiledRule | undefined
  /** MQTT filters of all that some enabled rule reads. */
  readonly interest: readonly string[]
  /** The rules that read this topic, in the order of their declaration. */
  matching(topic: string): readonly Match[]
  /** One rule's part of that; `undefined` when it does not read the topic (any more). */
  matchOf(rule: string, topic: string): Match | undefined
  readonly pings: readonly PingSpec[]
  readonly watches: readonly WatchSpec[]
  /** The names of the other machines to which probes belong. */
  readonly hosts: readonly string[]
  /** The names of the tasks. */
  readonly tasks: readonly string[]
  /** The names of the commands. */
  readonly commands: readonly string[]
  readonly schedules: readonly CompiledSchedule[]
  /** Topics that are to be published, once each: see triggers/silence.ts. */
  readonly expectations: readonly Expectation[]
  /** The declarations that were refused, and why. The rest of the set is sound without them. */
  readonly problems: readonly Problem[]
  /** The declarations that were taken, but are probably not meant as they are written. */
  readonly warnings: readonly Problem[]
}

export function ruleSet(
  root: string,
  rules: readonly CompiledRule[],
  rest: Partial<
    Pick<
      RuleSet,
      | 'pings'
      | 'watches'
      | 'hosts'
      | 'tasks'
      | 'commands'
      | 'schedules'
      | 'expectations'
      | 'problems'
      | 'warnings'
    >
  > = {},
): RuleSet {
  const byName = new Map(rules.map((rule, order) => [rule.name, { rule, order }]))
  const tree = new TopicTree<CompiledTrigger, { readonly rule: CompiledRule; readonly order: number }>(
    hidesRoot(root),
  )
  for (const entry of byName.values())
    for (const trigger of entry.rule.triggers) tree.set(trigger.filter.filter, trigger, entry)

  const look = (topic: string): readonly Match[] => {
    const found = new Map<CompiledRule, { readonly order: number; readonly ways: Way[] }>()
    tree.match(topic, ({ rule, order }, trigger) => {
      const way = wayOf(trigger, topic)
      if (way === undefined) return
      const known = found.get(rule)
      if (known) known.ways.push(way)
      else found.set(rule, { order, ways: [way] })
    })
    return [...found]
      .toSorted(([, a], [, b]) => a.order - b.order)
      .map(([rule, { ways }]) => ({ rule, ways: inOrder(ways, rule) }))
  }
  const matching = remembered(look)

  return {
    root,
    rules,
    rule: (name) => byName.get(name)?.rule,
    interest: [
      ...new Set(
        rules.flatMap(({ enabled, triggers }) =>
          enabled ? triggers.map(({ filter }) => filter.filter) : [],
        ),
      ),
    ],
    matching,
    matchOf: (name, topic) => matching(topic).find(({ rule }) => rule.name === name),
    pings: [],
    watches: [],
    hosts: [],
    tasks: [],
    commands: [],
    schedules: [],
    expectations: [],
    problems: [],
    warnings: [],
    ...rest,
  }
}

function wayOf(trigger: CompiledTrigger, topic: string): Way | undefined {
  const captured = paramsOf(trigger.filter, topic)
  const params = trigger.params ? trigger.params(captured) : captured
  const expected = trigger.isExpectation ? captured['topic'] : undefined
  return params && { trigger, params, expected, key: Object.values(params).join('/') }
}

const inOrder = (ways: readonly Way[], { triggers }: CompiledRule): readonly Way[] =>
  ways.length === 1
    ? ways
    : ways.toSorted((a, b) => triggers.indexOf(a.trigger) - triggers.indexOf(b.trigger))

/** Topics of which the answers are kept, in each of two generations. */
const CACHED_TOPICS = 65_536

/**
 * Keeps answers in two generations: when the young one is full, the old one is dropped, so that what is used
 * stays.
 */
function remembered<T>(look: (topic: string) => T): (topic: string) => T {
  let young = new Map<string, T>()
  let old = new Map<string, T>()
  return (topic) => {
    const known = young.get(topic)
    if (known !== undefined) return known
    const answer = old.get(topic) ?? look(topic)
    if (young.size >= CACHED_TOPICS) [old, young] = [young, new Map()]
    young.set(topic, answer)
    return answer
  }
}
