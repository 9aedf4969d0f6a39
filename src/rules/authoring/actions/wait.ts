// `wait('30s')`: a pause between two steps that survives a restart of the hub.

import type { Duration } from '../../../base/quantities.ts'
import { action, lengthOf } from './action.ts'
import type { Action } from './action.ts'

/** Pauses the run between two steps: `wait('30s')`. The pause survives a restart of the hub. */
export const wait = (length: Duration): Action =>
  action(
    'wait',
    { kind: 'spec', spec: { kind: 'wait', lengthMs: lengthOf('wait', 'the length', length) } },
    {},
    { timeout: '0s', attempts: 1 },
  )
