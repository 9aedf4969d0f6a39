// The restart action: ends the processes that are to be replaced, and starts a command that outlives the step
// and the hub. What it starts carries the key of its step in the environment, so that a step that is done
// again, since the hub died before it had written down the first time, finds it and starts no second one.
// Where environments cannot be read (without Linux's /proc) it may be started twice.

import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { messageOf, printable } from '../base/printable.ts'
import type { RestartSpec } from '../model/action.ts'
import type { JsonObject } from '../model/json.ts'
import type { Outcome } from '../model/outcome.ts'
import type { ProcessEnding } from '../model/process.ts'
import { describeSurvivors, endProcesses } from '../process/end.ts'
import { thisMachine } from '../process/table.ts'
import { stepKey } from './context.ts'
import type { Attempt } from './context.ts'
import { KEY_VARIABLE } from './leftover.ts'
import { spawnProblem } from '../process/spawn-problem.ts'
import { isDescribed, targetsOf } from './targets.ts'

/** Holds the key of the step that started a command. It is not KEY_VARIABLE: what carries that is ended. */
const STARTED_VARIABLE = 'VIGIE_STARTED'
/** A command that fails within this time has not come up. */
const PROOF_MS = 500

export async function performRestart(spec: RestartSpec, attempt: Attempt): Promise<Outcome> {
  const found = await startedBefore(attempt)
  if (found) return { kind: 'done', result: { how: 'found', ...found } }
  const ended = await stop(spec, attempt)
  const processes = ended.map((ending) => ({ ...ending }))
  const problems = problemsOf(ended, attempt)
  if (problems.length > 0)
    return { kind: 'retry', reason: `${problems.join('; ')}; nothing was started`, result: { processes } }
  if (spec.dryRun) return { kind: 'done', result: { how: 'meant', processes } }
  const outcome = await start(spec, attempt)
  return { ...outcome, result: { ...outcome.result, processes } }
}

async function startedBefore(attempt: Attempt): Promise<JsonObject | undefined> {
  const [pid] = await thisMachine.carrying(`${STARTED_VARIABLE}=${stepKey(attempt)}`)
  return pid === undefined ? undefined : startedAs(pid)
}

/** Whom the step names; empty where there is nothing to replace. */
async function stop(spec: RestartSpec, attempt: Attempt): Promise<readonly ProcessEnding[]> {
  if (spec.stop === undefined) return []
  return endProcesses(await targetsOf(spec.stop, attempt), {
    graceMs: spec.graceMs,
    clock: attempt.hub.clock,
    ending: attempt.signal,
    users: spec.users ?? [],
    isDescribed: isDescribed(spec.stop),
    descendants: true,
    ...(spec.dryRun && { isDryRun: true }),
  })
}

/** Why the place of the old processes is not free, or nobody wants a new one any more. */
function problemsOf(ended: readonly ProcessEnding[], { signal }: Attempt): readonly string[] {
  const survivors = describeSurvivors(ended)
  return [
    ...(signal.aborted ? [messageOf(signal.reason)] : []),
    ...(survivors === undefined ? [] : [`not ended: ${survivors}`]),
  ]
}

async function start(spec: RestartSpec, attempt: Attempt): Promise<Outcome> {
  const [file = '', ...args] = spec.argv
  const program = printable(file)
  const child = spawn(file, args, {
    ...(spec.cwd !== undefined && { cwd: spec.cwd }),
    env: environmentOf(spec, attempt),
    detached: true,
    stdio: 'ignore',
  })
  child.unref()
  try {
    await once(child, 'spawn')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return { kind: 'give-up', reason: spawnProblem(program, spec.cwd, code, error) }
  }
  const exit = await exitWithin(child, attempt)
  if (exit === undefined) return { kind: 'done', result: { how: 'started', ...startedAs(child.pid!) } }
  // It has gone into the background by itself, or has told somebody else to start something.
  if (exit === 0) return { kind: 'done', result: { how: 'exited', pid: child.pid! } }
  const how = typeof exit === 'number' ? `exited with ${exit}` : `was ended by ${exit}`
  return { kind: 'retry', reason: `${program} ${how} as soon as it was started` }
}

function environmentOf({ env = {} }: RestartSpec, attempt: Attempt): NodeJS.ProcessEnv {
  const own = Object.entries(env).map(([name, text]) => [name, attempt.disclosure.resolve(text)])
  const { [KEY_VARIABLE]: _key, ...inherited } = process.env
  return { ...inherited, ...Object.fromEntries(own), [STARTED_VARIABLE]: stepKey(attempt) }
}

/** Its exit code, or the signal that ended it; `undefined` when it still runs. */
async function exitWithin(child: ChildProcess, { hub }: Attempt): Promise<number | string | undefined> {
  const proven = Promise.withResolvers<undefined>()
  const cancel = hub.clock.after(PROOF_MS, () => proven.resolve(undefined))
  const exited = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string)
  const exit = await Promise.race([exited, proven.promise])
  cancel()
  return exit
}

function startedAs(pid: number): JsonObject {
  const identity = thisMachine.look(pid)?.identity
  return { pid, ...(identity && { identity: { ...identity } }) }
}
