// `reap(process)`: a zombie cannot be killed; its parent is nudged to take its exit status, or ended so that
// init does.

import type { ProcessReport } from '../../../model/process.ts'
import { action } from './action.ts'
import type { Action, ActionOptions } from './action.ts'
import { isReport, named } from './kill.ts'
import { oneOf, requireOptions } from './options.ts'

export interface ReapOptions extends ActionOptions {
  /** `terminate`: ends the parent when the nudge (SIGCHLD) does not help. By default it is only nudged. */
  readonly parent?: 'nudge' | 'terminate'
}

export function reap(process: ProcessReport, options: ReapOptions = {}): Action {
  if (!isReport(process)) throw new TypeError('reap: it takes a process as a watch reports it')
  requireOptions('reap', options, { parent: oneOf('nudge', 'terminate') })
  const { parent = 'nudge' } = options
  return action('reap', { kind: 'spec', spec: { kind: 'reap', target: named(process), parent } }, options, {
    timeout: '30s',
    attempts: 1,
  })
}
