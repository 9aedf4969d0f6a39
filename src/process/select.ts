// Finds the processes that a selector means.

import type { ProcessSelector } from '../model/action.ts'
import { isOfUnit, isWithin } from './cgroup.ts'
import type { ProcessEntry, ProcessTable } from './entry.ts'

/**
 * The selected processes, oldest first. An empty selector selects nothing: nobody means to end every process.
 */
export function selectProcesses(selector: ProcessSelector, table: ProcessTable): ProcessEntry[] {
  if (Object.values(selector).every((wanted) => wanted === undefined)) return []
  return [...table.byPid.values()].filter(isSelectedBy(selector, table)).toSorted(oldestFirst)
}

/**
 * Returns whether a process meets every condition of the selector. An empty selector accepts every process.
 * The cheapest condition comes first: what must be read is read only of processes that are still meant.
 */
export function isSelectedBy(
  { name, user, commandLine, olderThanMs, parent, cgroup, unit }: ProcessSelector,
  table: ProcessTable,
): (entry: ProcessEntry) => boolean {
  const pattern = commandLine === undefined ? undefined : new RegExp(commandLine)
  const hasParent = ({ ppid }: ProcessEntry): boolean => {
    const above = table.byPid.get(ppid)
    return above !== undefined && (above.name === parent || above.program === parent)
  }
  return (entry) =>
    (olderThanMs === undefined || entry.ageMs > olderThanMs) &&
    (name === undefined || entry.name === name || entry.program === name) &&
    (pattern === undefined || pattern.test(entry.commandLine)) &&
    (parent === undefined || hasParent(entry)) &&
    (user === undefined || entry.user === user) &&
    (cgroup === undefined || isWithin(entry.cgroup, cgroup)) &&
    (unit === undefined || isOfUnit(entry.cgroup, unit))
}

export const oldestFirst = (one: ProcessEntry, other: ProcessEntry): number =>
  other.ageMs - one.ageMs || one.pid - other.pid
