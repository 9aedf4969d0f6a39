// `changed`: passes when the value differs from the last one of the key. The first value passes, because
// nobody knew it before.

import { fingerprint } from '../context/payload.ts'
import type { RuleDefinition } from '../authoring/rule.ts'
import { runUserCode } from '../context/user-code.ts'
import type { Condition } from './stage.ts'

export const changedStage = (changed: NonNullable<RuleDefinition['changed']>): Condition => ({
  name: 'changed',
  ask({ rule, context }, memory) {
    // The fingerprint is taken inside of the user's code, because the value may be nested without end.
    const value = runUserCode(rule, 'changed', () =>
      fingerprint(changed === true ? context.payload : changed(context)),
    )
    return memory?.['value'] === value
      ? { signal: 'same', reason: 'the value is what it was' }
      : { signal: 'edge', memory: { value } }
  },
})
