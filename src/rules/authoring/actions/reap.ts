// `reap(process)` removes a zombie. A zombie cannot be killed: its parent is sent SIGCHLD so that it takes
// the exit status, or is ended so that init does.

import type { ProcessReport } from '../../../model/process.ts'
import { action } from './action.ts'
import type { Action, ActionOptions } from './action.ts'
import { onHost, oneOf, requireOptions } from './options.ts'
import { identified, isProcess, processTarget, usersKind } from './process-target.ts'
import type { UserOptions } from './process-target.ts'

export interface ReapOptions extends ActionOptions, UserOptions {
  /**
   * `'terminate'`: ends the parent when SIGCHLD does not help. By default `'nudge'`: the parent is only sent
   * SIGCHLD.
   */
  readonly parent?: 'nudge' | 'terminate'
}

/** Removes a zombie by way of its parent. One attempt of 30 seconds unless options say otherwise. */
export function reap(process: ProcessReport, options: ReapOptions = {}): Action {
  if (!isProcess(process)) throw new TypeError('reap: it takes a process as a watch reports it')
  requireOptions('reap', options, {
    parent: oneOf('nudge', 'terminate'),
    users: usersKind,
    on: onHost,
  })
  const { parent = 'nudge' } = options
  const { users, host } = processTarget('reap', process, options)
  const spec = {
    kind: 'reap',
    target: identified(process),
    parent,
    ...(host !== undefined && { host }),
    ...(users && { users }),
  } as const
  return action('reap', { kind: 'spec', spec }, options, { timeout: '30s', attempts: 1 })
}
