// The trigger of a watch: the reports of its processes under `<root>/process/<watch>/<pid>`. Authors write
// `watch(…)`, whose `do` becomes a rule on this trigger.

import type { ProcessReport } from '../../../model/process.ts'
import { TRIGGER } from './trigger.ts'
import type { Trigger } from './trigger.ts'

export const processSeen = (watch: string): Trigger<{ readonly pid: string }, ProcessReport> => ({
  [TRIGGER]: {
    text: `watch(${JSON.stringify(watch)})`,
    filter: ({ root }) => `${root}/process/${watch}/+pid`,
    refuses: ({ payload }) =>
      payload.length === 0 ? { stage: 'trigger', reason: 'the process is no longer seen' } : undefined,
  },
})
