// Finds the processes that meet the conditions of a watch, and remembers since when each of them has. Pure.

import type { ProcessIdentity } from '../../model/action.ts'
import type { WatchSpec } from '../../model/watch.ts'
import { isSelectedBy, oldestFirst } from '../../process/select.ts'
import { isSame } from '../../process/table.ts'
import type { ProcessEntry } from '../../process/entry.ts'
import { meets } from './conditions.ts'
import type { Look } from './conditions.ts'

/** A process that a watch selects, and since when. */
export interface Hold {
  readonly identity: ProcessIdentity
  /** The beginning, on the clock of the process table. */
  readonly sinceMs: number
  /** The process has been reported. It is reported again only after it did not match for one look. */
  readonly isTold: boolean
}

export type Holds = ReadonlyMap<number, Hold>

/** The processes that a watch selects, whatever else it asks of them. */
export const selectedBy = ({ select }: WatchSpec, { table }: Look): ProcessEntry[] =>
  [...table.byPid.values()].filter(isSelectedBy(select, table)).toSorted(oldestFirst)

/** The processes for which every condition of the watch holds now, oldest first. */
export function matchesOf(watch: WatchSpec, look: Look): ProcessEntry[] {
  const { countAbove, select } = watch
  // When there are too many processes, the youngest ones are in excess.
  if (countAbove !== undefined) return selectedBy(watch, look).slice(countAbove).filter(meets(watch, look))
  const { filesAbove, ...free } = watch
  return [...look.table.byPid.values()]
    .filter(meets(free, look))
    .filter(isSelectedBy(select, look.table))
    .filter(meets(filesAbove === undefined ? {} : { filesAbove }, look))
    .toSorted(oldestFirst)
}

/**
 * Returns the holds after another look: a process that no longer matches is forgotten, a new match begins a
 * hold.
 */
export function hold(before: Holds, matches: readonly ProcessEntry[], nowMs: number): Map<number, Hold> {
  const holds = new Map<number, Hold>()
  for (const { pid, identity } of matches) {
    const known = before.get(pid)
    const isKnown = known !== undefined && isSame(known.identity, identity)
    holds.set(pid, isKnown ? known : { identity, sinceMs: nowMs, isTold: false })
  }
  return holds
}

/** Holds that go on as long as before, after a time that does not count. */
export const postponed = (holds: Holds, lengthMs: number): Map<number, Hold> =>
  new Map(Array.from(holds, ([pid, held]) => [pid, { ...held, sinceMs: held.sinceMs + lengthMs }]))
