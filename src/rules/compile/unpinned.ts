// Finds rules that remember something from one message to the next, while the messages of one key may come to
// several hubs: each hub would count its own share. Two ways pin a key to one hub: the broker dispatches a
// shared subscription by a hash of the topic, or the hubs have filters of their own. The configuration says
// so by `dispatch: 'by-topic'`, and that is enough where a key has one topic.

import type { Attachment } from '../../model/attachment.ts'
import type { NamedFilter } from '../../topics/filters.ts'
import { filtersOverlap } from '../../topics/overlap.ts'
import type { CompiledRule } from './compiled-rule.ts'
import type { RuleSet } from './rule-set.ts'

/** A sentence for each enabled rule whose keys are not pinned to one hub. */
export const unpinnedSentences = (
  { rules }: Pick<RuleSet, 'rules'>,
  { filters, dispatch }: Attachment,
): string[] =>
  rules.flatMap((rule) => {
    const { enabled, triggers, name, line } = rule
    const remembers = memoriesOf(rule)
    const shared = triggers.filter(({ filter }) =>
      filters.some((each) => filtersOverlap(each, filter.filter)),
    )
    const isPinned = dispatch === 'by-topic' && shared.every(({ filter }) => hasOneTopic(rule, filter))
    if (!enabled || remembers.length === 0 || shared.length === 0 || isPinned) return []
    const why =
      dispatch === 'any'
        ? 'messages of one key may come to several hubs of the group'
        : 'a key of it spans several topics, which may come to several hubs of the group'
    return [
      `${line}: rule "${name}": ${remembers.join(', ')} needs all messages of a key at one hub, and ` +
        `${why}. Let the broker dispatch by a hash of the topic, or split the filters between the hubs by ` +
        'hand; then ' +
        (dispatch === 'any' ? "say attach: { dispatch: 'by-topic' }." : 'give each topic a key of its own.'),
    ]
  })

/** What the rule remembers, in the words of its options. */
function memoriesOf({ hold, gates, conditions, together }: CompiledRule): string[] {
  const remembering = conditions.filter(({ name }) => name === 'changed' || name === 'threshold')
  return [
    ...remembering.map(({ name }) => name),
    ...(hold === undefined ? [] : [hold.name]),
    ...gates.map(({ name }) => name).filter((name) => name !== 'ttl'),
    ...(together === undefined ? [] : ['together']),
  ]
}

/** Whether each key of the rule stands for one topic: every wildcard has a name, and they make the key. */
function hasOneTopic({ definition, together }: CompiledRule, filter: NamedFilter): boolean {
  if (definition.key !== undefined || together !== undefined) return false
  const wildcards = filter.filter.split('/').filter((level) => level === '+' || level === '#')
  return wildcards.length === filter.captures.length
}
