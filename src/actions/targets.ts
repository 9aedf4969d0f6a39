// Finds the processes that an action is about.

import type { ProcessIdentity, ProcessTarget } from '../model/action.ts'
import { selectProcesses } from '../process/select.ts'
import { thisMachine } from '../process/table.ts'
import type { Attempt } from './context.ts'

/** Oldest first. A pattern of the rule runs as the rule's code. */
export async function targetsOf(
  target: ProcessTarget,
  { within, hub }: Attempt,
): Promise<readonly ProcessIdentity[]> {
  if ('identity' in target) return [target.identity]
  if ('watch' in target) return hub.foundBy(target.watch)
  const table = await thisMachine.read()
  return within(() => selectProcesses(target.select, table)).map(({ identity }) => identity)
}

/** Whether the processes were found by what they are like, and not by a pid that somebody has written. */
export const isDescribed = (target: ProcessTarget): boolean => !('identity' in target)
