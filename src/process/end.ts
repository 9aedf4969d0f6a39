// Ends processes: SIGTERM, a grace period, SIGKILL, and a check that they are gone.
//
// Against a pid that has been used again: identity (boot, pid, start) is compared right before each signal.
// Node offers no pidfd, so a gap of microseconds between look and signal remains.

import type { Clock } from '../base/clock.ts'
import { pause } from '../base/pause.ts'
import type { ProcessIdentity } from '../model/action.ts'
import type { ProcessEnding } from '../model/process.ts'
import { cgroups as machineCgroups } from './cgroup.ts'
import type { Cgroups } from './cgroup.ts'
import type { ProcessEntry, ProcessSource, ProcessTable } from './entry.ts'
import { whySpared } from './spare.ts'
import type { Licence } from './spare.ts'
import { isAlive, isSame, thisMachine } from './table.ts'
import { walkTrees } from './tree.ts'

export interface EndOptions extends Licence {
  /** The time between SIGTERM and SIGKILL. */
  readonly graceMs: number
  readonly clock: Clock
  /** Once it is aborted, nobody is signalled any more, and nobody waited for. */
  readonly ending?: AbortSignal
  /** Also ends all that belongs to these processes: see tree.ts. */
  readonly descendants?: boolean
  /**
   * Also ends every process with this `NAME=value` in its environment. These are processes that the targets
   * started and whose parents have ended.
   */
  readonly carrying?: string
  /** Also ends every process in this control group, which holds nothing else. */
  readonly within?: string | undefined
  /** Signals nobody, and says who would be. */
  readonly isDryRun?: boolean
  readonly source?: ProcessSource
  readonly cgroups?: Cgroups
  /** Sends a signal; `process.kill` but in tests. */
  readonly signal?: (pid: number, signal: NodeJS.Signals) => unknown
}

/**
 * The time that the kernel may take to remove a killed process. After that SIGKILL is sent again, or the
 * process counts as hanging.
 */
const CLEARING_MS = 1_000
/**
 * SIGKILL is sent this often at most: to those that hang in the kernel, and to what was started meanwhile.
 */
const KILLS = 3
/** The time between two looks. A look reads one small file per process. */
const LOOK_EVERY_MS = 20

const ZOMBIE = 'it is a zombie: only its parent can clear it away'
const CUT_SHORT = 'it still ran when the attempt was ended'
const HANGS = 'it is still there after SIGKILL, so it hangs in the kernel'

/**
 * Resolves when all have ended, it is clear that some stay, or the attempt is ended. The endings name the targets and the processes
 * that belonged to them. A spared process is recognised before the search for its children, so they are
 * spared as well.
 */
export async function endProcesses(
  targets: readonly ProcessIdentity[],
  options: EndOptions,
): Promise<ProcessEnding[]> {
  const { source = thisMachine, cgroups = machineCgroups, clock, graceMs, ending } = options
  const victims = new Map<number, ProcessEntry>()
  const endings = new Map<number, ProcessEnding>()
  const left = (): ProcessEntry[] => [...victims.values()].filter(({ pid }) => !endings.has(pid))
  const isOver = (): boolean => ending?.aborted ?? false
  const isAnyAlive = (): boolean => left().some(({ identity }) => isAlive(identity, source))
  const conclude = (pid: number, name: string, how: ProcessEnding['how'], why?: string): void => {
    if (!endings.has(pid)) endings.set(pid, { pid, name, how, ...(why !== undefined && { why }) })
  }

  /** Returns whether what belongs to the process is to be ended, too. */
  const take = (entry: ProcessEntry, table: ProcessTable): boolean => {
    const { pid, name, state } = entry
    if (victims.has(pid)) return true
    const spared = whySpared(pid, table, options)
    // Nothing can be read of a process that has gone since the table was, so it seems to be nobody's.
    if (spared !== undefined && !isAlive(entry.identity, source)) conclude(pid, name, 'gone')
    else if (spared !== undefined) conclude(pid, name, 'spared', spared)
    else if (state === 'zombie') conclude(pid, name, 'gone', ZOMBIE)
    else if (!endings.has(pid)) victims.set(pid, entry)
    return spared === undefined
  }

  const pidsWithin = (): Iterable<number> =>
    (options.within === undefined ? undefined : cgroups.pidsOf(options.within)) ?? []

  const gather = async (): Promise<void> => {
    const table = await source.read()
    for (const target of targets) {
      const entry = table.byPid.get(target.pid)
      if (entry && isSame(entry.identity, target)) take(entry, table)
      else if (!victims.has(target.pid)) conclude(target.pid, '', 'gone')
    }
    const marked = options.carrying === undefined ? [] : await source.carrying(options.carrying)
    for (const pid of marked) {
      const entry = table.byPid.get(pid)
      if (entry) take(entry, table)
    }
    for (const pid of pidsWithin()) {
      const entry = table.byPid.get(pid)
      if (entry) take(entry, table)
    }
    if (options.descendants) walkTrees(left(), table, (entry) => take(entry, table))
  }

  /** The control groups that hold a target, or only what is meant, and nothing but what is to be ended. */
  const ownCgroups = (): string[] => {
    if (!options.descendants) return []
    const isTarget = ({ identity }: ProcessEntry): boolean =>
      targets.some((target) => isSame(identity, target)) && isAlive(identity, source)
    const paths = new Set(left().flatMap((entry) => (isTarget(entry) ? [entry.cgroup] : [])))
    if (options.within !== undefined) paths.add(options.within)
    return [...paths].filter((path) => {
      const pids = cgroups.pidsOf(path)
      return pids !== undefined && pids.size > 0 && [...pids].every((pid) => victims.has(pid))
    })
  }

  const strike = async (signal: 'SIGTERM' | 'SIGKILL', waitMs: number): Promise<void> => {
    if (signal === 'SIGKILL') for (const path of ownCgroups()) cgroups.kill(path)
    const struck = left().filter(({ identity }) => isAlive(identity, source))
    const problems = new Map<number, string>()
    for (const { pid } of struck) {
      const problem = send(pid, signal, options.signal)
      if (problem !== undefined) problems.set(pid, problem)
    }
    // A process that the hub may not signal often ends with the one that it serves: `sudo` with its command.
    const patienceMs = problems.size === struck.length ? 0 : waitMs
    for (let waitedMs = 0; waitedMs < patienceMs && !isOver() && isAnyAlive(); waitedMs += LOOK_EVERY_MS)
      await pause(clock, LOOK_EVERY_MS, ending)
    for (const { pid, name, identity } of left())
      if (!isAlive(identity, source)) conclude(pid, name, signal === 'SIGTERM' ? 'terminated' : 'killed')
      else if (problems.has(pid)) conclude(pid, name, 'survived', problems.get(pid))
  }

  await gather()
  if (options.isDryRun) {
    for (const { pid, name } of left()) conclude(pid, name, 'meant')
    return [...endings.values()]
  }
  if (!isOver()) await strike('SIGTERM', graceMs)
  for (let kills = 0; kills < KILLS && !isOver(); kills++) {
    if (options.descendants || options.carrying !== undefined || options.within) await gather()
    if (left().length === 0 || isOver()) break
    await strike('SIGKILL', CLEARING_MS)
  }
  for (const { pid, name } of left()) conclude(pid, name, 'survived', isOver() ? CUT_SHORT : HANGS)
  return [...endings.values()]
}

/** Names the processes that still run, and says why; `undefined` when none does. */
export function describeSurvivors(endings: readonly ProcessEnding[]): string | undefined {
  const survivors = endings.filter(({ how }) => how === 'survived')
  return survivors.length === 0 ? undefined : sayWhy(survivors)
}

export const sayWhy = (endings: readonly ProcessEnding[]): string =>
  endings.map(({ name, pid, why }) => `${name} (${pid}): ${why}`).join('; ')

/** Returns why the signal could not be sent; a process that has gone meanwhile is no such case. */
function send(
  pid: number,
  signal: NodeJS.Signals,
  kill: NonNullable<EndOptions['signal']> = (...args) => process.kill(...args),
): string | undefined {
  try {
    kill(pid, signal)
    return undefined
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ESRCH') return undefined
    if (code === 'EPERM') return "it is another user's, and the hub may not signal it"
    throw error
  }
}
