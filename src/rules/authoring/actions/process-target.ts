// Which processes an action is about, as rules write it, and whose they may be. `kill`, `renice`, `restart` and
// `command` share it.

import type { ProcessTarget } from '../../../model/action.ts'
import type { NamedProcess, ProcessReport } from '../../../model/process.ts'
import { DECLARATION } from '../declared.ts'
import type { OnHostOptions } from '../host.ts'
import type { Watch } from '../watch.ts'
import type { Kind } from './options.ts'
import { processSelector } from './selector.ts'
import type { SelectorOptions } from './selector.ts'

/** A process as a watch reports it, a selector, or a watch for all that it finds. */
export type TargetOptions = ProcessReport | NamedProcess | SelectorOptions | Watch

export interface UserOptions extends OnHostOptions {
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

export interface ProcessTargets {
  readonly target: ProcessTarget
  readonly users?: readonly string[] | 'any'
  readonly host?: string
}

/** @param owner for messages: `kill` */
export function processTarget(
  owner: string,
  target: TargetOptions,
  { users = [], on }: UserOptions,
): ProcessTargets {
  const onHost = (own: string | typeof HUB | undefined) => hostOf(owner, on?.name, own)
  if (isWatch(target)) {
    const { process, on: own } = target.definition
    return { target: { watch: target.name }, ...onHost(own?.name ?? HUB), ...named(users, process?.user) }
  }
  if (isProcess(target)) {
    const { meantUser, host: own } = target as Partial<ProcessReport>
    return { target: identified(target), ...onHost(own ?? HUB), ...named(users, meantUser) }
  }
  const select = processSelector(owner, target)
  if (Object.keys(select).length === 0)
    throw new TypeError(
      `${owner}: nothing says which processes are meant; give a name, a user, a commandLine or an age`,
    )
  return { target: { select }, ...onHost(undefined), ...named(users, select.user) }
}

/** Where a watch or a process is that is on no other machine. */
const HUB = Symbol('the machine of the hub')

/** A process is where it is: `on` may say so again, and nothing else. */
function hostOf(owner: string, on: string | undefined, own: string | typeof HUB | undefined) {
  if (own === undefined) return on === undefined ? {} : { host: on }
  if (on !== undefined && on !== own) {
    const where = own === HUB ? 'the machine of the hub' : JSON.stringify(own)
    throw new TypeError(`${owner}: on: the processes are on ${where}, not on ${JSON.stringify(on)}`)
  }
  return own === HUB ? {} : { host: own }
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
