// `when`: passes when the predicate of the author returns true.

import type { RuleDefinition } from '../authoring/rule.ts'
import { ignoreRejection, RuleError, runUserCode } from '../context/user-code.ts'
import type { Condition } from './stage.ts'

export const whenStage = (when: NonNullable<RuleDefinition['when']>): Condition => ({
  name: 'when',
  ask({ rule, context }) {
    const answer = runUserCode(rule, 'when', () => when(context))
    // A promise is always truthy: the rule would fire for everything.
    if (typeof answer !== 'boolean')
      throw new RuleError(
        `${rule.line}: rule ${JSON.stringify(rule.name)}: when must return true or false, and at ` +
          `once; it returned ${describe(answer)}`,
      )
    return { signal: answer ? 'level' : 'no' }
  },
})

function describe(answer: unknown): string {
  if (answer instanceof Promise) {
    ignoreRejection(answer)
    return 'a promise'
  }
  return answer === null ? 'null' : typeof answer
}
