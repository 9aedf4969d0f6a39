// Which processes a selector means.

import type { ProcessSelector } from '../model/action.ts'
import type { ProcessEntry, ProcessTable } from './table.ts'

/** The selected processes, oldest first. An empty selector selects nothing: nobody means every process. */
export function selectProcesses(selector: ProcessSelector, table: ProcessTable): ProcessEntry[] {
  const { name, user, commandLine, olderThanMs } = selector
  if (Object.values(selector).every((wanted) => wanted === undefined)) return []
  const pattern = commandLine === undefined ? undefined : new RegExp(commandLine)
  return [...table.byPid.values()]
    .filter(
      (entry) =>
        (name === undefined || entry.name === name || entry.program === name) &&
        (user === undefined || entry.user === user) &&
        (pattern === undefined || pattern.test(entry.commandLine)) &&
        (olderThanMs === undefined || entry.ageMs > olderThanMs),
    )
    .toSorted((one, other) => other.ageMs - one.ageMs || one.pid - other.pid)
}
