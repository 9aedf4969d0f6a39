// What belongs to a process: all that it started, at any depth, and the process groups and sessions that it
// or one of these leads, so that what has lost its parent is found as well.

import type { ProcessEntry, ProcessTable } from './entry.ts'
import { isSame } from './table.ts'

/**
 * Offers each process that belongs to these to `enter`, once, the nearest first; goes on from those for which
 * that returns `true`. Nothing is found under a pid that has become another process. The kernel gives nobody
 * a pid that still names a process group or a session, so the members of a group belong to the process with
 * that pid.
 */
export function walkTrees(
  roots: Iterable<ProcessEntry>,
  table: ProcessTable,
  enter: (entry: ProcessEntry) => boolean,
): void {
  const all = [...table.byPid.values()]
  const relations = [
    Map.groupBy(all, ({ ppid }) => ppid),
    Map.groupBy(all, ({ group }) => group),
    Map.groupBy(all, ({ session }) => session),
  ]
  const ahead = Array.from(roots).flatMap((root) => {
    const entry = table.byPid.get(root.pid)
    return entry && isSame(entry.identity, root.identity) ? [entry] : []
  })
  const met = new Set(ahead)
  for (const { pid, identity } of ahead)
    for (const near of relations.flatMap((byPid) => byPid.get(pid) ?? [])) {
      // Nobody is older than their parent: this one belongs to who had the pid before.
      if (met.has(near) || near.identity.startTicks < identity.startTicks) continue
      met.add(near)
      if (enter(near)) ahead.push(near)
    }
}
