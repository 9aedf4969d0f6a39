// The topics of a rule: where the hub says whether it is paused, and where people pause and resume it.

import { textOfLevel, topicLevel } from './escape.ts'

/**
 * The topic of the retained message that says whether a rule is paused.
 * @param root first level of the hub's own topics, as configured
 */
export const ruleTopic = (rule: string, root: string): string => `${root}/rules/${topicLevel(rule)}`

/** @param verb `pause` or `resume` */
export const ruleCommandTopic = (rule: string, verb: string, root: string): string =>
  `${commandsUnder(root)}${topicLevel(rule)}/${verb}`

/** Every command about rules. */
export const ruleCommandFilter = (root: string): string => `${commandsUnder(root)}#`

/** The rule and the verb of a command; `null` for a topic that is none. */
export function ruleCommandIn(
  topic: string,
  root: string,
): { readonly rule: string; readonly verb: string } | null {
  const prefix = commandsUnder(root)
  if (!topic.startsWith(prefix)) return null
  const path = topic.slice(prefix.length)
  const end = path.lastIndexOf('/')
  return { rule: textOfLevel(path.slice(0, Math.max(0, end))), verb: path.slice(end + 1) }
}

const commandsUnder = (root: string): string => `${root}/commands/rules/`
