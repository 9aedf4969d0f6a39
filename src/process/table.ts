// The processes of this machine at one moment, and where they are read from.

import type { ProcessIdentity } from '../model/action.ts'
import type { ProcessReport } from '../model/process.ts'
import type { ProcessEntry, ProcessSource, ProcessTable } from './entry.ts'
import { openProc } from './proc.ts'
import { openPs } from './ps.ts'

export const thisMachine: ProcessSource = process.platform === 'linux' ? openProc('/proc') : openPs()

export const isSame = (one: ProcessIdentity, other: ProcessIdentity): boolean =>
  one.pid === other.pid && one.startTicks === other.startTicks && one.boot === other.boot

/**
 * Whether the process still runs. A zombie has ended, and a later process with the same pid is another
 * process.
 */
export function isAlive(identity: ProcessIdentity, source: ProcessSource): boolean {
  const seen = source.look(identity.pid)
  return seen !== undefined && isSame(seen.identity, identity) && seen.state !== 'zombie'
}

/**
 * CPU time between two samples as a share of one core; `null` when the process is new or there was no time
 * between.
 */
export function cpuPercent(
  entry: ProcessEntry,
  table: ProcessTable,
  earlier: ProcessTable | undefined,
): number | null {
  const before = earlier?.byPid.get(entry.pid)
  const lengthMs = table.uptimeMs - (earlier?.uptimeMs ?? 0)
  if (!before || !isSame(before.identity, entry.identity) || lengthMs <= 0) return null
  return Math.round((1000 * (entry.cpuMs - before.cpuMs)) / lengthMs) / 10
}

/** @param meantUser the user whom the watch names */
export function report(
  entry: ProcessEntry,
  table: ProcessTable,
  earlier?: ProcessTable,
  meantUser?: string,
): ProcessReport {
  const parent = table.byPid.get(entry.ppid)
  return {
    identity: entry.identity,
    pid: entry.pid,
    ppid: entry.ppid,
    name: entry.name,
    user: entry.user,
    ...(meantUser !== undefined && { meantUser }),
    state: entry.state,
    commandLine: entry.commandLine,
    ageMs: entry.ageMs,
    memoryBytes: entry.memoryBytes,
    cpuPercent: cpuPercent(entry, table, earlier),
    parent: parent ? { identity: parent.identity, pid: parent.pid, name: parent.name } : null,
  }
}
