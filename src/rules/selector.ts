// Which processes are meant, as rules write it; the same for `watch` and for `kill`.

import type { Duration } from '../base/quantities.ts'
import type { ProcessSelector } from '../model/action.ts'
import { lengthOf } from './actions/action.ts'

/** All that is given must hold. */
export interface SelectorOptions {
  readonly name?: string
  readonly user?: string
  /** Searched in the whole command line. */
  readonly commandLine?: RegExp
  readonly olderThan?: Duration
}

const KEYS = ['name', 'user', 'commandLine', 'olderThan']

/** @param owner for messages: `kill` */
export function processSelector(owner: string, options: SelectorOptions): ProcessSelector {
  const { name, user, commandLine, olderThan } = options
  const unknown = Object.keys(options).find((key) => !KEYS.includes(key))
  if (unknown !== undefined)
    throw new TypeError(
      `${owner}: a process has no ${JSON.stringify(unknown)}; there are: ${KEYS.join(', ')}`,
    )
  if (commandLine?.flags)
    throw new TypeError(`${owner}: commandLine cannot have flags (${commandLine.flags})`)
  return {
    ...(name !== undefined && { name }),
    ...(user !== undefined && { user }),
    ...(commandLine && { commandLine: commandLine.source }),
    ...(olderThan !== undefined && { olderThanMs: lengthOf(owner, 'olderThan', olderThan) }),
  }
}
