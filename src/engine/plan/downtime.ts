// The downtime before this start. It is told once, to every timer and as an event. That it was told is
// remembered with the rules' states, so an engine that replaces another in the same hub does not tell it
// again, and a hub that ended before it could tell leaves it to the next.

import type { Downtime, EngineReads } from '../../model/store.ts'
import type { RuleMemory } from './rule-memory.ts'

/** The name under which this is remembered. Rules cannot have it. */
const OWNER = { rule: '@hub', key: 'downtime' } as const

/** Returns the downtimes since the last one that was told, oldest first. */
export function untoldDowntimes(reads: Pick<EngineReads, 'downtimes'>, memory: RuleMemory): Downtime[] {
  const downtimes = reads.downtimes()
  const told = memory.state(OWNER)?.['toAt']
  return downtimes.slice(downtimes.findLastIndex(({ toAt }) => toAt === told) + 1)
}

export function rememberTold({ toAt }: Downtime, memory: RuleMemory): void {
  memory.keep(OWNER, { state: { toAt }, wakeAt: null })
}
