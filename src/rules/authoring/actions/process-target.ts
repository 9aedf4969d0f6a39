// Which processes an action is about, as rules write it, and whose they may be. `kill`, `renice`, `restart` and
// `command` share it.

import type { ProcessTarget } from '../../../model/action.ts'
import type { NamedProcess, ProcessReport } from '../../../model/process.ts'
import { DECLARATION } from '../declared.ts'
import type { Watch } from '../watch.ts'
import type { Kind } from './options.ts'
import { processSelector } from './selector.ts'
import type { SelectorOptions } from './selector.ts'

/** A process as a watch reports it, a selector, or a watch for all that it finds. */
export type TargetOptions = ProcessReport | NamedProcess | SelectorOptions | Watch

export interface UserOptions {
  /**
   * Users whose processes are meant, `'any'` for all. By default only processes of the user that the hub runs
   * as are, and those of a `user` that the selector or the watch names.
   */
  readonly users?: readonly string[] | 'any'
}

export const usersKind: Kind = {
  expected: "an array of user names, or 'any'",
  test: (value) =>
    value === 'any' || (Array.isArray(value) && value.every((name) => typeof name === 'string')),
}

/** @param owner for messages: `kill` */
export function processTarget(
  owner: string,
  target: TargetOptions,
  { users = [] }: UserOptions,
): { readonly target: ProcessTarget; readonly users?: readonly string[] | 'any' } {
  if (isWatch(target)) {
    const { user } = target.definition.process ?? {}
    return { target: { watch: target.name }, ...named(users, user) }
  }
  if (isProcess(target)) {
    const { meantUser } = target as Partial<ProcessReport>
    return { target: identified(target), ...named(users, meantUser) }
  }
  const select = processSelector(owner, target)
  if (Object.keys(select).length === 0)
    throw new TypeError(
      `${owner}: nothing says which processes are meant; give a name, a user, a commandLine or an age`,
    )
  return { target: { select }, ...named(users, select.user) }
}

const named = (users: readonly string[] | 'any', user: string | undefined) => {
  const all = users === 'any' || user === undefined ? users : [...users, user]
  return all.length === 0 ? {} : { users: all }
}

export const identified = ({ identity, name }: NamedProcess) => ({
  identity: { boot: identity.boot, pid: identity.pid, startTicks: identity.startTicks },
  name,
})

/** Whether this is a process as a watch reports it, or the parent of one. */
export function isProcess(target: unknown): target is NamedProcess {
  if (typeof target !== 'object' || target === null || !('identity' in target)) return false
  const { boot, pid, startTicks } = target.identity as Partial<ProcessReport['identity']>
  return typeof boot === 'string' && Number.isInteger(pid) && Number.isInteger(startTicks)
}

const isWatch = (target: unknown): target is Watch =>
  typeof target === 'object' && target !== null && DECLARATION in target && target[DECLARATION] === 'watch'
