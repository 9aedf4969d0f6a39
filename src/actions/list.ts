// The list action: tells how processes are, with their share of a core over half a second.

import { pause } from '../base/pause.ts'
import type { ListSpec } from '../model/action.ts'
import type { Outcome } from '../model/outcome.ts'
import { isSame, report, thisMachine } from '../process/table.ts'
import type { Attempt } from './context.ts'
import { targetsOf } from './targets.ts'

const SHARE_OVER_MS = 500
/** More are only counted: the result is kept with its step. */
const MOST_LISTED = 200

export async function performList({ target }: ListSpec, attempt: Attempt): Promise<Outcome> {
  const targets = await targetsOf(target, attempt)
  const earlier = await thisMachine.read()
  await pause(attempt.hub.clock, SHARE_OVER_MS, attempt.signal)
  attempt.signal.throwIfAborted()
  const table = await thisMachine.read()
  const entries = targets.flatMap((identity) => {
    const entry = table.byPid.get(identity.pid)
    return entry && isSame(entry.identity, identity) ? [entry] : []
  })
  const processes = entries.slice(0, MOST_LISTED).map((entry) => {
    const { pid, ppid, name, user, state, commandLine, ageMs, memoryBytes, cpuPercent } = report(
      entry,
      table,
      earlier,
    )
    return { pid, ppid, name, user, state, commandLine, ageMs, memoryBytes, cpuPercent }
  })
  return { kind: 'done', result: { count: entries.length, processes } }
}
