// The renice action: sets the nice value of processes, of each of their threads and of all that belongs to
// them. Linux keeps one for each thread, so that of a process is that of its main thread only.

import { readdirSync } from 'node:fs'
import { setPriority } from 'node:os'
import { messageOf } from '../base/printable.ts'
import type { ReniceSpec } from '../model/action.ts'
import type { Outcome } from '../model/outcome.ts'
import type { ProcessEnding } from '../model/process.ts'
import { sayWhy } from '../process/end.ts'
import type { ProcessEntry } from '../process/entry.ts'
import { whySpared } from '../process/spare.ts'
import { isAlive, isSame, thisMachine } from '../process/table.ts'
import { walkTrees } from '../process/tree.ts'
import type { Attempt } from './context.ts'
import { isDescribed, targetsOf } from './targets.ts'

export async function performRenice(spec: ReniceSpec, attempt: Attempt): Promise<Outcome> {
  const targets = await targetsOf(spec.target, attempt)
  const table = await thisMachine.read()
  attempt.signal.throwIfAborted()
  const licence = { users: spec.users ?? [], isDescribed: isDescribed(spec.target) }
  const met: ProcessEntry[] = []
  const spared: ProcessEnding[] = []
  const take = (entry: ProcessEntry): boolean => {
    const why = whySpared(entry.pid, table, licence)
    if (why !== undefined) spared.push({ pid: entry.pid, name: entry.name, how: 'spared', why })
    else if (entry.state !== 'zombie') met.push(entry)
    return why === undefined
  }
  const roots = targets.flatMap((identity) => {
    const entry = table.byPid.get(identity.pid)
    return entry && isSame(entry.identity, identity) && take(entry) ? [entry] : []
  })
  walkTrees(roots, table, take)
  const failed = spec.dryRun ? [] : met.flatMap((entry) => renice(entry, spec.nice))
  const result = {
    nice: spec.nice,
    processes: [
      ...met.map(({ pid, name }) => ({ pid, name, how: spec.dryRun ? 'meant' : 'reniced' })),
      ...spared.map((each) => ({ ...each })),
    ],
  }
  if (failed.length > 0) return { kind: 'retry', reason: `not reniced: ${failed.join('; ')}`, result }
  if (met.length === 0 && spared.length > 0)
    return { kind: 'give-up', reason: `the hub never touches such a process: ${sayWhy(spared)}`, result }
  return { kind: 'done', result }
}

/** Returns the reason why it failed. */
function renice({ pid, name, identity }: ProcessEntry, nice: number): string[] {
  if (!isAlive(identity, thisMachine)) return []
  try {
    for (const thread of threadsOf(pid)) reniceThread(thread, nice)
    return []
  } catch (error) {
    return [`${name} (${pid}): ${messageOf(error)}`]
  }
}

/** A thread that has ended meanwhile is no failure. */
function reniceThread(thread: number, nice: number): void {
  try {
    setPriority(thread, nice)
  } catch (error) {
    const { code, info } = error as { readonly code?: string; readonly info?: { readonly code?: string } }
    if (![code, info?.code].includes('ESRCH')) throw error
  }
}

function threadsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number)
  } catch {
    return [pid]
  }
}
