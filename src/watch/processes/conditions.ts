// What a watch asks of one process, a condition each. Pure but for what an entry reads when it is asked.

import type { WatchConditions } from '../../model/watch.ts'
import type { ProcessEntry, ProcessTable } from '../../process/entry.ts'
import { cpuPercent } from '../../process/table.ts'

/** What the watches see in one look. */
export interface Look {
  readonly table: ProcessTable
  /** The table of the look before, for shares of a core. */
  readonly earlier: ProcessTable | undefined
}

/** What a process must be, for what the watch wants in this look. */
type Conditions = {
  readonly [Name in keyof WatchConditions]-?: (
    wanted: NonNullable<WatchConditions[Name]>,
    look: Look,
  ) => (entry: ProcessEntry) => boolean
}

const CONDITIONS: Conditions = {
  state:
    (wanted) =>
    ({ state }) =>
      state === wanted,
  orphan:
    (wanted, { table }) =>
    (entry) =>
      isOrphan(entry, table) === wanted,
  memoryAboveBytes:
    (limit) =>
    ({ memoryBytes }) =>
      memoryBytes > limit,
  ageAboveMs:
    (limit) =>
    ({ ageMs }) =>
      ageMs > limit,
  cpuAbove:
    (limit, { table, earlier }) =>
    (entry) =>
      (cpuPercent(entry, table, earlier) ?? 0) > limit,
  zombiesAbove: (limit, { table }) => {
    const zombies = zombiesByParent(table)
    return ({ pid }) => (zombies.get(pid) ?? 0) > limit
  },
  filesAbove:
    (limit) =>
    ({ files }) =>
      (files ?? 0) > limit,
}

/** Whether every condition that the watch gives holds for a process. */
export function meets(wanted: WatchConditions, look: Look): (entry: ProcessEntry) => boolean {
  const asked = Object.entries(CONDITIONS).flatMap(([name, holds]) => {
    const value = wanted[name as keyof WatchConditions]
    return value === undefined ? [] : [holds(value as never, look)]
  })
  return (entry) => asked.every((holds) => holds(entry))
}

/**
 * Whether process 1, or a service manager of a user, has taken a process over. Unlike what these start
 * themselves, it neither leads a session nor is in theirs.
 */
function isOrphan({ pid, ppid, session }: ProcessEntry, { byPid }: ProcessTable): boolean {
  const parent = byPid.get(ppid)
  const isAdopted = ppid === 1 || parent?.name === 'systemd'
  return isAdopted && session !== pid && session !== parent?.session
}

/** How many children of each process have ended without being reaped, where there are any. */
export function zombiesByParent({ byPid }: ProcessTable): ReadonlyMap<number, number> {
  const counts = new Map<number, number>()
  for (const { ppid, state } of byPid.values())
    if (state === 'zombie') counts.set(ppid, (counts.get(ppid) ?? 0) + 1)
  return counts
}
