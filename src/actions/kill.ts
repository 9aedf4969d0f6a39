// The kill action: ends the processes that are meant, and says of each how it went. Nothing to end is a
// success.

import { messageOf } from '../base/printable.ts'
import type { KillSpec } from '../model/action.ts'
import type { Outcome } from '../model/outcome.ts'
import { describeSurvivors, endProcesses, sayWhy } from '../process/end.ts'
import type { Attempt } from './context.ts'
import { isDescribed, targetsOf } from './targets.ts'

export async function performKill(spec: KillSpec, attempt: Attempt): Promise<Outcome> {
  const endings = await endProcesses(await targetsOf(spec.target, attempt), {
    graceMs: spec.graceMs,
    clock: attempt.hub.clock,
    ending: attempt.signal,
    users: spec.users ?? [],
    isDescribed: isDescribed(spec.target),
    ...(spec.descendants && { descendants: true }),
    ...(spec.dryRun && { isDryRun: true }),
  })
  const result = { processes: endings.map((ending) => ({ ...ending })) }
  const survivors = describeSurvivors(endings)
  const { signal } = attempt
  const why = signal.aborted ? `${messageOf(signal.reason)}; ` : ''
  if (survivors !== undefined) return { kind: 'retry', reason: `${why}not ended: ${survivors}`, result }
  const spared = endings.filter(({ how }) => how === 'spared')
  if (spared.length > 0 && spared.length === endings.length && !spec.dryRun)
    return { kind: 'give-up', reason: `the hub never ends such a process: ${sayWhy(spared)}`, result }
  return { kind: 'done', result }
}
