// `once`: what a speaker numbers passes once. A number that is not above the last one was said before, and is
// said again because its acknowledgement was lost. Only the hub's own declarations have it.

import type { RuleDefinition } from '../authoring/rule.ts'
import { runUserCode } from '../context/user-code.ts'
import type { Condition } from './stage.ts'

export const onceStage = (once: NonNullable<RuleDefinition['once']>): Condition => ({
  name: 'dedupe',
  ask({ rule, context }, memory) {
    const numbered = runUserCode(rule, 'once', () => once(context))
    if (numbered === undefined) return { signal: 'level' }
    const { store, n } = numbered
    // A speaker with a new store counts from the start again.
    if (memory?.['store'] === store && n <= (memory['n'] as number))
      return { signal: 'no', reason: `it was said before, as number ${n}` }
    return { signal: 'level', memory: { store, n } }
  },
})
