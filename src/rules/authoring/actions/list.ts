// `list(target)` tells how processes are. Commands use it; a rule has what its watch reports.

import { action } from './action.ts'
import type { Action, ActionOptions } from './action.ts'
import { processTarget } from './process-target.ts'
import type { TargetOptions } from './process-target.ts'
import type { OnHostOptions } from '../host.ts'

/** One attempt of 30 seconds unless options say otherwise. */
export const list = (target: TargetOptions, options: ActionOptions & OnHostOptions = {}): Action =>
  action(
    'list',
    {
      kind: 'spec',
      spec: { kind: 'list', ...processTarget('list', target, { ...(options.on && { on: options.on }) }) },
    },
    options,
    {
      timeout: '30s',
      attempts: 1,
    },
  )
