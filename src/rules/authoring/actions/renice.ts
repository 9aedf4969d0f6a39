// `renice(process | { name, user, … } | watch, 10)` sets how much of the processor processes get beside others.

import { action } from './action.ts'
import type { Action, ActionOptions } from './action.ts'
import { flag, onHost, requireOptions } from './options.ts'
import { processTarget, usersKind } from './process-target.ts'
import type { TargetOptions, UserOptions } from './process-target.ts'

export interface ReniceOptions extends ActionOptions, UserOptions {
  /** `true`: changes nothing; the result names the processes that are meant. By default `false`. */
  readonly dryRun?: boolean
}

/**
 * Sets the nice value of processes and of all that belongs to them. One attempt of 30 seconds unless options
 * say otherwise.
 * @param nice from -20 (served first) to 19 (last); only root can make a process nicer to itself
 */
export function renice(target: TargetOptions, nice: number, options: ReniceOptions = {}): Action {
  requireOptions('renice', options, { users: usersKind, dryRun: flag, on: onHost })
  if (!Number.isInteger(nice) || nice < -20 || nice > 19)
    throw new TypeError(`renice: expected a whole number from -20 to 19, got ${String(nice)}`)
  const spec = {
    kind: 'renice',
    ...processTarget('renice', target, options),
    nice,
    ...(options.dryRun && { dryRun: true }),
  } as const
  return action('renice', { kind: 'spec', spec }, options, { timeout: '30s', attempts: 1 })
}
