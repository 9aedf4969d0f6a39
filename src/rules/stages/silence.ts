// The silence trigger: fires when no message has met the conditions for this long, with the last one that
// did; then waits until one does again.

import { formatDuration } from '../../base/quantities.ts'
import type { OnGap } from '../authoring/rule.ts'
import type { Timed } from './stage.ts'
import { throughDowntime } from './timer.ts'
import type { Running, Timer } from './timer.ts'

export function silenceStage(lengthMs: number, onGap: OnGap = 'restart'): Timed<Running> {
  const begin = (now: number): Timer => ({ setAt: now, dueAt: now + lengthMs })
  return {
    name: 'silence',
    arrive: (memory, { candidate, signal }, now) =>
      signal === 'no'
        ? { memory }
        : {
            memory: { timer: begin(now), passage: candidate },
            held: { event: candidate.event, reason: `fires after ${formatDuration(lengthMs)} of silence` },
          },
    wakeAt: ({ timer }) => timer.dueAt,
    wake: (memory, now) =>
      memory.timer.dueAt > now ? { memory } : { memory: undefined, on: memory.passage },
    downtime: (memory, period) => throughDowntime(memory, period, onGap, begin),
  }
}
