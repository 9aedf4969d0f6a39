// The reap action: has a zombie cleared away. A zombie cannot be killed: it stays until its parent asks for
// its exit code, or until the parent ends and process 1 asks instead. So the parent is nudged (SIGCHLD), and
// ended only where the rule says so.

import type { Clock } from '../base/clock.ts'
import { pause } from '../base/pause.ts'
import type { ReapSpec } from '../model/action.ts'
import type { Outcome } from '../model/outcome.ts'
import { endProcesses } from '../process/end.ts'
import { whySpared } from '../process/spare.ts'
import { isSame, thisMachine } from '../process/table.ts'
import type { ProcessEntry } from '../process/entry.ts'
import type { Attempt } from './context.ts'

/** The time that a parent has to answer a nudge, and that process 1 has to clear the zombie away. */
const ANSWER_MS = 2_000
const LOOK_EVERY_MS = 20
/** The time that the parent has between SIGTERM and SIGKILL. */
const GRACE_MS = 5_000

export async function performReap(
  { target, parent: manner, users = [] }: ReapSpec,
  { hub, signal }: Attempt,
): Promise<Outcome> {
  const table = await thisMachine.read()
  signal.throwIfAborted()
  const { identity } = target
  const zombie = table.byPid.get(identity.pid)
  const what = `${target.name} (${identity.pid})`
  if (!zombie || !isSame(zombie.identity, identity)) return { kind: 'done', result: { how: 'gone' } }
  if (zombie.state !== 'zombie')
    return { kind: 'give-up', reason: `${what} is no zombie: it is ${zombie.state}, and "kill" ends it` }
  const parent = table.byPid.get(zombie.ppid)
  if (!parent) return { kind: 'retry', reason: `the parent of ${what} has just ended` }

  const about = { parent: { pid: parent.pid, name: parent.name } }
  nudge(parent)
  if (await isCleared(zombie, hub.clock, signal)) return { kind: 'done', result: { how: 'nudged', ...about } }
  const name = `${parent.name} (${parent.pid})`
  const deaf = `${name} does not clear away its child ${what}, not even after SIGCHLD`
  const spared = whySpared(parent.pid, table, { users })
  if (spared !== undefined)
    return { kind: 'give-up', reason: `${deaf}, and it is not ended, for ${spared}`, result: about }
  if (manner === 'nudge')
    return { kind: 'give-up', reason: `${deaf}; "parent: 'terminate'" would end it`, result: about }

  const { clock } = hub
  const [ending] = await endProcesses([parent.identity], { graceMs: GRACE_MS, clock, users, ending: signal })
  const result = { how: 'parent-ended', parent: { ...about.parent, how: ending?.how } }
  if (await isCleared(zombie, clock, signal)) return { kind: 'done', result }
  const reason =
    ending?.how === 'survived'
      ? `${deaf}, and it was not ended: ${ending.why}`
      : `${name} has ended, but process 1 does not clear away ${what}; does the container run an init?`
  return { kind: 'give-up', reason, result }
}

function nudge({ identity }: ProcessEntry): void {
  const seen = thisMachine.look(identity.pid)
  if (!seen || !isSame(seen.identity, identity)) return
  try {
    process.kill(identity.pid, 'SIGCHLD')
  } catch {
    // The parent may not be signalled, or is gone: whether the zombie is cleared away tells what matters.
  }
}

/** @throws the signal's reason when that is aborted */
async function isCleared({ identity }: ProcessEntry, clock: Clock, signal: AbortSignal): Promise<boolean> {
  for (let waitedMs = 0; ; waitedMs += LOOK_EVERY_MS) {
    const seen = thisMachine.look(identity.pid)
    if (!seen || !isSame(seen.identity, identity)) return true
    if (waitedMs >= ANSWER_MS) return false
    await pause(clock, LOOK_EVERY_MS, signal)
    signal.throwIfAborted()
  }
}
