// Finds the processes that the hub never signals, whatever a rule says. Nothing else decides about that.

import { ENGINE_TITLE, hubPid } from '../base/hub-process.ts'
import type { ProcessEntry, ProcessTable } from './entry.ts'
import { ownUser } from './users.ts'

/** What whoever wants to signal a process may do beyond what all may. */
export interface Licence {
  /**
   * The process was found by a description (a name, a command line, an age). Then other hubs of this machine
   * are spared, and so are their engines: whoever means one names it by its pid.
   */
  readonly isDescribed?: boolean
  /** Users that are meant beside the hub's own; `any` for all. Absent: nobody asks whose a process is. */
  readonly users?: Users
}

export type Users = readonly string[] | 'any'

/** Who asks. Both are the hub to others, and the engine is its child. */
interface Self {
  readonly hub: number
  readonly engine: number
  readonly user: string
}

/** Returns why this process is spared, or `undefined` when it may be signalled. */
export function whySpared(
  pid: number,
  table: ProcessTable,
  { isDescribed = false, users }: Licence = {},
  self: Self = { hub: hubPid, engine: process.pid, user: ownUser() },
): string | undefined {
  if (!Number.isInteger(pid) || pid < 1) return `${pid} is not a process`
  if (pid === 1) return 'process 1 holds up the whole machine'
  if (pid === self.hub) return 'it is the hub itself'
  const entry = table.byPid.get(pid)
  if (pid === self.engine || (entry?.ppid === self.hub && isEngine(entry)))
    return 'it is an engine of the hub'
  if (isAbove(pid, self.hub, table)) return 'the hub runs under it'
  if (entry === undefined) return undefined
  if (isDescribed && isEngine(entry)) return 'it is an engine of another vigie'
  if (isDescribed && hasEngine(pid, table)) return 'it is another vigie'
  return users === undefined || users === 'any' || entry.user === self.user || users.includes(entry.user)
    ? undefined
    : `it belongs to the user ${entry.user}, whom the rule does not name`
}

const isEngine = ({ commandLine }: ProcessEntry): boolean => commandLine === ENGINE_TITLE

function hasEngine(pid: number, table: ProcessTable): boolean {
  for (const each of table.byPid.values()) if (each.ppid === pid && isEngine(each)) return true
  return false
}

function isAbove(pid: number, hub: number, table: ProcessTable): boolean {
  const passed = new Set<number>()
  for (let ancestor = table.byPid.get(hub)?.ppid; ancestor; ancestor = table.byPid.get(ancestor)?.ppid) {
    if (ancestor === pid) return true
    if (passed.has(ancestor)) break
    passed.add(ancestor)
  }
  return false
}
