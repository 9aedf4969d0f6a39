// The time before this start in which nobody watched: told once, to every timer and as an event. That it has
// been told is remembered with the rules' states, so that an engine which replaces another in the same hub
// does not tell it again, and a hub that ended before it could tell leaves it to the next.

import type { Downtime, EngineReads } from '../../model/store.ts'
import type { RuleMemory } from './rule-memory.ts'

/** Rules cannot have this name. */
const OWNER = { rule: '@hub', key: 'downtime' } as const

/** Since the last that has been told, oldest first. */
export function untoldDowntimes(reads: Pick<EngineReads, 'downtimes'>, memory: RuleMemory): Downtime[] {
  const downtimes = reads.downtimes()
  const told = memory.state(OWNER)?.['toAt']
  return downtimes.slice(downtimes.findLastIndex(({ toAt }) => toAt === told) + 1)
}

export function rememberTold({ toAt }: Downtime, memory: RuleMemory): void {
  memory.keep(OWNER, { state: { toAt }, wakeAt: null })
}
