// The rules of a rule set, as the hub shows them to people.

import type { RuleView } from '../../model/rule-view.ts'
import { isOwnRule } from '../../rules/compile.ts'
import type { RuleSet } from '../../rules/compile/rule-set.ts'

export function ruleViews({ rules, watches, tasks, commands }: RuleSet): RuleView[] {
  const watchNames = new Set(watches.map(({ name }) => name))
  const kindOf = (name: string): RuleView['kind'] => {
    if (watchNames.has(name)) return 'watch'
    if (tasks.includes(name)) return 'task'
    return commands.includes(name) ? 'command' : 'rule'
  }
  return rules
    .filter(({ name }) => !isOwnRule(name))
    .map(({ name, file, line, triggers, enabled, dryRun }) => ({
      name,
      kind: kindOf(name),
      file,
      line,
      on: triggers.map(({ filter }) => filter.filter),
      enabled,
      dryRun,
    }))
}
