// The time before this start in which nobody watched: told once, to every timer and as an event. That it has been told is
// remembered with the rules' states, so that an engine which replaces another in the same hub does not tell it again.

import type { Downtime, EngineReads } from '../model/store.ts'
import type { RuleMemory } from './rule-memory.ts'

/** Rules cannot have this name. */
const OWNER = { rule: '@hub', key: 'downtime' } as const

/** `null` when there was none, or it has been told. */
export function untoldDowntime(reads: Pick<EngineReads, 'downtime'>, memory: RuleMemory): Downtime | null {
  const downtime = reads.downtime()
  return downtime !== null && memory.state(OWNER)?.['toAt'] !== downtime.toAt ? downtime : null
}

export function rememberTold({ toAt }: Downtime, memory: RuleMemory): void {
  memory.keep(OWNER, { state: { toAt }, wakeAt: null, oldestEvent: null })
}
