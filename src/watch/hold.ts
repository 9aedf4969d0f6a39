// Finds the processes that meet the conditions of a watch, and remembers since when each of them has. Pure.

import type { WatchSpec } from '../model/watch.ts'
import { isSelectedBy, oldestFirst } from '../process/select.ts'
import { cpuPercent, isSame } from '../process/table.ts'
import type { ProcessEntry, ProcessTable } from '../process/entry.ts'

/** A process that a watch selects, and since when. */
export interface Hold {
  readonly entry: ProcessEntry
  /** The beginning, on the clock of the process table. */
  readonly sinceMs: number
  /** The process has been reported. It is reported again only after it did not match for one look. */
  readonly isTold: boolean
}

export type Holds = ReadonlyMap<number, Hold>

/** The processes for which every condition of the watch holds now. */
export function matchesOf(
  watch: WatchSpec,
  table: ProcessTable,
  earlier: ProcessTable | undefined,
): ProcessEntry[] {
  const { state, cpuAbove, memoryAboveBytes, ageAboveMs, countAbove } = watch
  const selected = [...table.byPid.values()]
    .filter(isSelectedBy(watch.select, table))
    .filter((entry) => state === undefined || entry.state === state)
    // When there are too many processes, the youngest ones are in excess.
    .toSorted(oldestFirst)
    .slice(countAbove ?? 0)
  return selected.filter(
    (entry) =>
      (cpuAbove === undefined || (cpuPercent(entry, table, earlier) ?? 0) > cpuAbove) &&
      (memoryAboveBytes === undefined || entry.memoryBytes > memoryAboveBytes) &&
      (ageAboveMs === undefined || entry.ageMs > ageAboveMs),
  )
}

/**
 * Returns the holds after another look: a process that no longer matches is forgotten, a new match begins a
 * hold.
 */
export function hold(before: Holds, matches: readonly ProcessEntry[], nowMs: number): Map<number, Hold> {
  const holds = new Map<number, Hold>()
  for (const entry of matches) {
    const known = before.get(entry.pid)
    const isKnown = known !== undefined && isSame(known.entry.identity, entry.identity)
    holds.set(entry.pid, isKnown ? { ...known, entry } : { entry, sinceMs: nowMs, isTold: false })
  }
  return holds
}
