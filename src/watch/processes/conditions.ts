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

type Conditions = {
  readonly [Name in keyof WatchConditions]-?: (
    entry: ProcessEntry,
    wanted: NonNullable<WatchConditions[Name]>,
    look: Look,
  ) => boolean
}

const CONDITIONS: Conditions = {
  state: ({ state }, wanted) => state === wanted,
  orphan: (entry, wanted, { table }) => isOrphan(entry, table) === wanted,
  memoryAboveBytes: ({ memoryBytes }, limit) => memoryBytes > limit,
  ageAboveMs: ({ ageMs }, limit) => ageMs > limit,
  cpuAbove: (entry, limit, { table, earlier }) => (cpuPercent(entry, table, earlier) ?? 0) > limit,
  zombiesAbove: ({ pid }, limit, { table }) => zombiesOf(pid, table) > limit,
  filesAbove: ({ files }, limit) => (files ?? 0) > limit,
}

/** Whether every condition that the watch gives holds for a process. */
export function meets(wanted: WatchConditions, look: Look): (entry: ProcessEntry) => boolean {
  const asked = Object.entries(CONDITIONS).flatMap(([name, holds]) => {
    const value = wanted[name as keyof WatchConditions]
    return value === undefined ? [] : [(entry: ProcessEntry) => holds(entry, value as never, look)]
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

/** How many children of a process have ended without being reaped. */
export function zombiesOf(pid: number, { byPid }: ProcessTable): number {
  let count = 0
  for (const { ppid, state } of byPid.values()) if (ppid === pid && state === 'zombie') count++
  return count
}
