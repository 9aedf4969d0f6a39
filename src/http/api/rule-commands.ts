// A command about a rule: to pause it, and to resume it.

import { RULES_RULE } from '../../model/rule-pause.ts'
import type { RuleAnswer, RuleChange } from '../../model/rule-pause.ts'
import { ruleCommandTopic } from '../../topics/rule-topic.ts'
import { commandEngine } from './engine-commands.ts'
import type { Commanded, EngineCommandPorts } from './engine-commands.ts'

export type CommandRule = (rule: string, change: RuleChange, order: object) => Promise<Commanded<RuleAnswer>>

export const openRuleCommands =
  (ports: EngineCommandPorts): CommandRule =>
  (rule, change, order) =>
    commandEngine(ruleCommandTopic(rule, change, ports.root), order, RULES_RULE, ports)
