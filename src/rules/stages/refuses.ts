// `refuses`: why an event is turned away, in a sentence that its sender is told as well. Only the hub's own
// declarations have it.

import type { RuleDefinition } from '../authoring/rule.ts'
import { runUserCode } from '../context/user-code.ts'
import type { Condition } from './stage.ts'

export const refusesStage = (refuses: NonNullable<RuleDefinition['refuses']>): Condition => ({
  name: 'refused',
  ask({ rule, context }) {
    const reason = runUserCode(rule, 'refuses', () => refuses(context))
    return reason === undefined ? { signal: 'level' } : { signal: 'no', reason }
  },
})
