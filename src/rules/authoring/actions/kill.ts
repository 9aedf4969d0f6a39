// `kill(process | { name, user, … })` sends SIGTERM, waits, sends SIGKILL, and checks that the processes have
// ended.

import type { Duration } from '../../../base/quantities.ts'
import type { KillSpec, ProcessSelector } from '../../../model/action.ts'
import type { ProcessReport } from '../../../model/process.ts'
import { processSelector } from './selector.ts'
import type { SelectorOptions } from './selector.ts'
import { action, lengthOf } from './action.ts'
import type { Action, ActionOptions } from './action.ts'
import { duration, flag, requireOptions } from './options.ts'

export interface KillOptions extends ActionOptions {
  /** How long a process has between SIGTERM and SIGKILL; by default 10 seconds. */
  readonly grace?: Duration
  /** `true`: also ends the processes that these have started. By default `false`. */
  readonly descendants?: boolean
}

const KINDS = { grace: duration(true), descendants: flag }

/**
 * Ends a process, or all processes that a selector names. One attempt of 1 minute unless options say
 * otherwise.
 * @param target a process as a watch reports it, or a selector: all that is given must hold
 */
export function kill(target: ProcessReport | SelectorOptions, options: KillOptions = {}): Action {
  requireOptions('kill', options, KINDS)
  const spec: Pick<KillSpec, 'kind' | 'target' | 'graceMs' | 'descendants'> = {
    kind: 'kill',
    target: isReport(target) ? named(target) : { select: someSelector(target) },
    graceMs: lengthOf('kill', 'grace', options.grace ?? '10s'),
    ...(options.descendants !== undefined && { descendants: options.descendants }),
  }
  return action('kill', { kind: 'spec', spec }, options, { timeout: '1m', attempts: 1 })
}

export const named = ({ identity, name }: ProcessReport) => ({
  identity: { boot: identity.boot, pid: identity.pid, startTicks: identity.startTicks },
  name,
})

/** Whether this is a process as a watch reports it. */
export function isReport(target: unknown): target is ProcessReport {
  if (typeof target !== 'object' || target === null || !('identity' in target)) return false
  const { boot, pid, startTicks } = target.identity as Partial<ProcessReport['identity']>
  return typeof boot === 'string' && Number.isInteger(pid) && Number.isInteger(startTicks)
}

function someSelector(target: SelectorOptions): ProcessSelector {
  const selector = processSelector('kill', target)
  if (Object.keys(selector).length === 0)
    throw new TypeError(
      'kill: nothing says which processes are meant; give a name, a user, a commandLine or an age',
    )
  return selector
}
