// What the watches look at, for people: their processes, and the zombies of the machine with who does not
// reap them.

import type { WatchSpec, WatchStatus, WatchView, Zombie } from '../../model/watch.ts'
import type { ProcessTable } from '../../process/entry.ts'
import { isSame, report } from '../../process/table.ts'
import type { Look } from './conditions.ts'
import { selectedBy } from './hold.ts'
import type { Memory } from './watch-memory.ts'

/** More of one watch are only counted. */
const MOST_SHOWN = 100

export function viewOf(watch: WatchSpec, status: WatchStatus, memory: Memory, look: Look): WatchView {
  const { table, earlier } = look
  const heldOf = (pid: number) => memory.holds.get(pid)
  const isEvery = Object.keys(watch.select).length === 0
  const all = selectedBy(watch, look).filter(({ pid, identity }) => {
    const held = heldOf(pid)
    return !isEvery || (held !== undefined && isSame(held.identity, identity))
  })
  return {
    ...status,
    attempt: watch.countBelow === undefined ? null : memory.shortage.attempt,
    count: all.length,
    processes: all.slice(0, MOST_SHOWN).map((entry) => {
      const held = heldOf(entry.pid)
      const heldMs = held === undefined ? null : table.uptimeMs - held.sinceMs
      return Object.assign(report(entry, table, earlier), { heldMs, isTold: held?.isTold ?? false })
    }),
  }
}

/** The oldest first. */
export const zombiesIn = (table: ProcessTable): Zombie[] =>
  [...table.byPid.values()]
    .filter(({ state }) => state === 'zombie')
    .toSorted((one, other) => other.ageMs - one.ageMs)
    .slice(0, MOST_SHOWN)
    .map((entry) => {
      const { pid, name, ageMs, parent } = report(entry, table)
      return { pid, name, ageMs, parent }
    })
