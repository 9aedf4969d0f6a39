// Which processes a watch means at a moment, and which of them it has meant for long enough. Pure.

import type { WatchSpec } from '../model/probe.ts'
import { isSelectedBy, oldestFirst } from '../process/select.ts'
import { cpuPercent, isSame } from '../process/table.ts'
import type { ProcessEntry, ProcessTable } from '../process/entry.ts'

/** Since when a process is what a watch looks for. */
export interface Hold {
  readonly entry: ProcessEntry
  /** On the clock of the table. */
  readonly sinceMs: number
  /** It has been reported, and is not again until it was no such process for once. */
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
    .filter(isSelectedBy(watch.select))
    .filter((entry) => state === undefined || entry.state === state)
    // When there are too many processes, the youngest are the excess.
    .toSorted(oldestFirst)
    .slice(countAbove ?? 0)
  return selected.filter(
    (entry) =>
      (cpuAbove === undefined || (cpuPercent(entry, table, earlier) ?? 0) > cpuAbove) &&
      (memoryAboveBytes === undefined || entry.memoryBytes > memoryAboveBytes) &&
      (ageAboveMs === undefined || entry.ageMs > ageAboveMs),
  )
}

/** Carries the holds on: what is no match any more is forgotten, what is one now begins. */
export function hold(before: Holds, matches: readonly ProcessEntry[], nowMs: number): Map<number, Hold> {
  const holds = new Map<number, Hold>()
  for (const entry of matches) {
    const known = before.get(entry.pid)
    const isKnown = known !== undefined && isSame(known.entry.identity, entry.identity)
    holds.set(entry.pid, isKnown ? { ...known, entry } : { entry, sinceMs: nowMs, isTold: false })
  }
  return holds
}
