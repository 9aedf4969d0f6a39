// The kill action: ends the processes that are meant, and says of each how it went. Nothing to end is a
// success.

import type { KillSpec, ProcessIdentity } from '../model/action.ts'
import type { Outcome } from '../model/outcome.ts'
import { describeSurvivors, endProcesses, sayWhy } from '../process/end.ts'
import { selectProcesses } from '../process/select.ts'
import { thisMachine } from '../process/table.ts'
import type { Attempt } from './context.ts'

export async function performKill(spec: KillSpec, attempt: Attempt): Promise<Outcome> {
  const endings = await endProcesses(await targetsOf(spec, attempt), {
    graceMs: spec.graceMs,
    clock: attempt.hub.clock,
    ...(spec.descendants && { descendants: true }),
    ...('select' in spec.target && { isDescribed: true }),
  })
  const result = { processes: endings.map((ending) => ({ ...ending })) }
  const survivors = describeSurvivors(endings)
  if (survivors !== undefined) return { kind: 'retry', reason: `not ended: ${survivors}`, result }
  const spared = endings.filter(({ how }) => how === 'spared')
  if (spared.length > 0 && spared.length === endings.length)
    return { kind: 'give-up', reason: `the hub never ends such a process: ${sayWhy(spared)}`, result }
  return { kind: 'done', result }
}

async function targetsOf({ target }: KillSpec, { within }: Attempt): Promise<ProcessIdentity[]> {
  if ('identity' in target) return [target.identity]
  const table = await thisMachine.read()
  return within(() => selectProcesses(target.select, table)).map(({ identity }) => identity)
}
