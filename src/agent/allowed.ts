// What the hub may ask of this machine. The hub is another machine, and whoever holds it holds its agents as
// far as this file lets them: the owner of this machine says so on the command line of the agent.

import type { HostAction } from '../model/host.ts'
import type { PingSpec } from '../model/probe.ts'

export interface Allowed {
  /** The actions on processes. To list them is always allowed. */
  readonly actions: readonly AllowedAction[]
  /** Programs that may be started, as the hub names them: `/usr/bin/worker`. */
  readonly programs: readonly string[]
  /** Users whose processes may be acted on beside those of the agent's own user. */
  readonly users: readonly string[] | 'any'
}

export const ALLOWED_ACTIONS = ['kill', 'reap', 'renice'] as const
export type AllowedAction = (typeof ALLOWED_ACTIONS)[number]

/** Why an action is not carried out, as the end of a sentence; `undefined` when it is. */
export function whyForbidden(spec: HostAction, allowed: Allowed): string | undefined {
  switch (spec.kind) {
    case 'list':
      return undefined
    case 'kill':
      return spec.dryRun ? undefined : needs('kill', allowed)
    case 'renice':
      return spec.dryRun ? undefined : needs('renice', allowed)
    case 'reap':
      return needs('reap', allowed) ?? (spec.parent === 'terminate' ? needs('kill', allowed) : undefined)
    case 'restart':
      return (
        programProblem(spec.argv, allowed) ?? (spec.stop && !spec.dryRun ? needs('kill', allowed) : undefined)
      )
    case 'shell':
      return programProblem(spec.script === undefined ? spec.argv : ['/bin/sh'], allowed)
  }
  return spec satisfies never
}

/** Why a ping is not checked; `undefined` when it is. */
export const whyUnchecked = ({ target }: PingSpec, allowed: Allowed): string | undefined =>
  target.kind === 'command' ? programProblem(target.argv, allowed) : undefined

/** The users whom an order names, as far as they are allowed. */
export function usersWithin(asked: Allowed['users'], { users }: Allowed): Allowed['users'] {
  if (users === 'any') return asked
  return asked === 'any' ? users : asked.filter((user) => users.includes(user))
}

const needs = (action: AllowedAction, { actions }: Allowed): string | undefined =>
  actions.includes(action)
    ? undefined
    : `the agent does not ${action}: it was started without --allow ${action}`

function programProblem([program = '']: readonly string[], { programs }: Allowed): string | undefined {
  if (programs.includes(program)) return undefined
  const named = JSON.stringify(program)
  return `the agent does not run ${named}: it was started without --run ${named}`
}
