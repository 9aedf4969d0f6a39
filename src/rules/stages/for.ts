// `for: '2m'`: the conditions must hold that long. It fires once per hold, with the newest message that held.
//
//   idle ──met──▶ holding ──its time is up──▶ fired
//    ▲               │ a message breaks it      │
//    └───────────────┴──────────────────────────┘

import { formatDuration } from '../../base/quantities.ts'
import type { OnGap } from '../authoring/rule.ts'
import type { Arrival, Move, Timed } from './stage.ts'
import { throughDowntime } from './timer.ts'
import type { Running, Timer } from './timer.ts'

type Memory = Running | { readonly fired: true }

export function forStage(lengthMs: number, onGap: OnGap = 'continue'): Timed<Memory> {
  const begin = (now: number): Timer => ({ setAt: now, dueAt: now + lengthMs })
  return {
    name: 'for',
    arrive: (memory, arrival, now) => arrive(memory, arrival, now, begin),
    wakeAt: (memory) => ('fired' in memory ? Infinity : memory.timer.dueAt),
    wake: (memory, now) =>
      'fired' in memory || memory.timer.dueAt > now
        ? { memory }
        : { memory: { fired: true }, on: memory.passage },
    downtime: (memory, period) =>
      'fired' in memory ? { memory } : throughDowntime(memory, period, onGap, begin),
  }
}

function arrive(
  memory: Memory | undefined,
  { candidate, signal }: Arrival,
  now: number,
  begin: (now: number) => Timer,
): Move<Memory> {
  const held = (reason: string) => ({ event: candidate.event, reason })
  if (signal === 'no') return { memory: undefined }
  if (signal === 'edge' || (signal === 'level' && memory === undefined)) {
    const timer = begin(now)
    return {
      memory: { timer, passage: candidate },
      held: held(`must hold for ${formatDuration(timer.dueAt - now)}`),
    }
  }
  if (memory === undefined) return { memory, held: held('nothing holds') }
  if ('fired' in memory) return { memory, held: held('has fired; not again before it has been broken') }
  const { timer } = memory
  return {
    memory: { timer, passage: candidate },
    held: held(`must hold for ${formatDuration(timer.dueAt - now)} more`),
  }
}
