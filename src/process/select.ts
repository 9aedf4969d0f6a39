// Finds the processes that a selector means.

import type { ProcessSelector } from '../model/action.ts'
import type { ProcessEntry, ProcessTable } from './entry.ts'

/**
 * The selected processes, oldest first. An empty selector selects nothing: nobody means to end every process.
 */
export function selectProcesses(selector: ProcessSelector, table: ProcessTable): ProcessEntry[] {
  if (Object.values(selector).every((wanted) => wanted === undefined)) return []
  return [...table.byPid.values()].filter(isSelectedBy(selector)).toSorted(oldestFirst)
}

/**
 * Returns whether a process meets every condition of the selector. An empty selector accepts every process.
 */
export function isSelectedBy(selector: ProcessSelector): (entry: ProcessEntry) => boolean {
  const { name, user, commandLine, olderThanMs } = selector
  const pattern = commandLine === undefined ? undefined : new RegExp(commandLine)
  return (entry) =>
    (name === undefined || entry.name === name || entry.program === name) &&
    (user === undefined || entry.user === user) &&
    (pattern === undefined || pattern.test(entry.commandLine)) &&
    (olderThanMs === undefined || entry.ageMs > olderThanMs)
}

export const oldestFirst = (one: ProcessEntry, other: ProcessEntry): number =>
  other.ageMs - one.ageMs || one.pid - other.pid
