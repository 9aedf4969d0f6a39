// Finds the processes that the hub never signals, whatever a rule says.

import { ENGINE_TITLE, hubPid } from '../base/hub-process.ts'
import type { ProcessEntry, ProcessTable } from './entry.ts'

/**
 * Returns why a process that was selected by name, command line or age is spared: it is another hub of this
 * machine, or an engine of one. A rule that means such a process has to name its pid.
 */
export function whySparedUnnamed(
  { pid, commandLine }: ProcessEntry,
  table: ProcessTable,
): string | undefined {
  if (commandLine === ENGINE_TITLE) return 'it is an engine of another vigie'
  for (const each of table.byPid.values())
    if (each.ppid === pid && each.commandLine === ENGINE_TITLE) return 'it is another vigie'
  return undefined
}

/** Returns why this process is spared, or `undefined` when it may be ended. */
export function whySpared(
  pid: number,
  table: ProcessTable,
  hub = hubPid,
  self = process.pid,
): string | undefined {
  if (!Number.isInteger(pid) || pid < 1) return `${pid} is not a process`
  if (pid === 1) return 'process 1 holds up the whole machine'
  if (pid === hub) return 'it is the hub itself'
  const entry = table.byPid.get(pid)
  const isEngine = entry?.ppid === hub && entry.commandLine === ENGINE_TITLE
  if (pid === self || isEngine) return 'it is an engine of the hub'
  const passed = new Set<number>()
  for (let ancestor = table.byPid.get(hub)?.ppid; ancestor; ancestor = table.byPid.get(ancestor)?.ppid) {
    if (ancestor === pid) return 'the hub runs under it'
    if (passed.has(ancestor)) break
    passed.add(ancestor)
  }
  return undefined
}
