// The trigger of a task: what is said of it under `tasks/<name>/<verb>`. Authors write `task(…)`, which
// becomes a rule on this trigger.

import { isTaskVerb, TASK_VERBS, taskTopic } from '../../../model/task.ts'
import type { TaskSpec } from '../../../model/task.ts'
import { TRIGGER } from './trigger.ts'
import type { Trigger } from './trigger.ts'

/**
 * The hub waits for the task from the moment at which it is declared, and says so under this verb to itself.
 */
export const DECLARED_VERB = 'declared'

export const taskHeard = (spec: TaskSpec): Trigger<{ readonly verb: string }> => ({
  [TRIGGER]: {
    text: `task(${JSON.stringify(spec.name)})`,
    filter: () => taskTopic(spec.name, '+verb'),
    refuses: ({ topic }) => {
      const verb = topic.slice(taskTopic(spec.name, '').length)
      if (isTaskVerb(verb)) return undefined
      return {
        stage: 'trigger',
        reason: `it says ${JSON.stringify(verb)}; a task says ${TASK_VERBS.join(', ')}`,
      }
    },
    expected: () => [taskTopic(spec.name, DECLARED_VERB)],
    task: spec,
  },
})
