// Selects processes, as rules write it; `watch` and `kill` share it.

import type { Duration } from '../../../base/quantities.ts'
import type { ProcessSelector } from '../../../model/action.ts'
import { lengthOf } from './action.ts'
import { duration, name as nameKind, pattern, requireKinds } from './options.ts'

/** Selects processes; all that is given must hold. */
export interface SelectorOptions {
  readonly name?: string
  readonly user?: string
  /** Must match somewhere in the whole command line. */
  readonly commandLine?: RegExp
  readonly olderThan?: Duration
  /** The name of its parent process. */
  readonly parent?: string
  /** A control group such as `/system.slice/nginx.service`; those below it count. */
  readonly cgroup?: string
  /** A unit of systemd: `nginx` (a service), `session-4.scope`. */
  readonly unit?: string
}

const KINDS = {
  name: nameKind,
  user: nameKind,
  commandLine: pattern,
  olderThan: duration(false),
  parent: nameKind,
  cgroup: nameKind,
  unit: nameKind,
}

/** @param owner for messages: `kill` */
export function processSelector(owner: string, options: SelectorOptions): ProcessSelector {
  requireKinds(owner, options, KINDS)
  const { name, user, commandLine, olderThan, parent, cgroup, unit } = options
  if (commandLine?.flags)
    throw new TypeError(`${owner}: commandLine cannot have flags (${commandLine.flags})`)
  return {
    ...(name !== undefined && { name }),
    ...(user !== undefined && { user }),
    ...(commandLine && { commandLine: commandLine.source }),
    ...(olderThan !== undefined && { olderThanMs: lengthOf(owner, 'olderThan', olderThan) }),
    ...(parent !== undefined && { parent }),
    ...(cgroup !== undefined && { cgroup }),
    ...(unit !== undefined && { unit }),
  }
}
