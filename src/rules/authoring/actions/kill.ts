// `kill(process | { name, user, … } | watch)` sends SIGTERM, waits, sends SIGKILL, and checks that the
// processes have ended.

import type { Duration } from '../../../base/quantities.ts'
import type { KillSpec } from '../../../model/action.ts'
import { action } from './action.ts'
import type { Action, ActionOptions } from './action.ts'
import { duration, flag, onHost, requireOptions } from './options.ts'
import { graceOf } from './grace.ts'
import { processTarget, usersKind } from './process-target.ts'
import type { TargetOptions, UserOptions } from './process-target.ts'

export interface KillOptions extends ActionOptions, UserOptions {
  /** How long a process has between SIGTERM and SIGKILL; by default 10 seconds. */
  readonly grace?: Duration
  /**
   * Whether all that belongs to them is ended as well: what they have started, at any depth, and the process
   * groups and sessions that they lead. By default `true`.
   */
  readonly descendants?: boolean
  /** `true`: signals nobody; the result names the processes that would be ended. By default `false`. */
  readonly dryRun?: boolean
}

const KINDS = { grace: duration(true), descendants: flag, dryRun: flag, users: usersKind, on: onHost }

/**
 * Ends a process, all processes that a selector names, or all that a watch finds, with all that belongs to
 * them. One attempt of 50 seconds beyond the grace unless options say otherwise.
 * @param target a process as a watch reports it, a selector (all that is given must hold), or a watch
 */
export function kill(target: TargetOptions, options: KillOptions = {}): Action {
  requireOptions('kill', options, KINDS)
  const { descendants = true, dryRun = false } = options
  const { graceMs, timeout } = graceOf('kill', options)
  const spec: Omit<KillSpec, 'timeoutMs' | 'retry' | 'onFailure'> = {
    kind: 'kill',
    ...processTarget('kill', target, options),
    graceMs,
    ...(descendants && { descendants }),
    ...(dryRun && { dryRun }),
  }
  return action('kill', { kind: 'spec', spec }, options, { timeout, attempts: 1 })
}
