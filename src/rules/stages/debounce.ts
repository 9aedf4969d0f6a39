// `debounce: '5s'`: fires after that much quiet, with the last message; with `longest`, at the latest that
// long after the first.

import { formatDuration } from '../../base/quantities.ts'
import type { OnGap } from '../authoring/rule.ts'
import type { Timed } from './stage.ts'
import { throughDowntime } from './timer.ts'
import type { Running, Timer } from './timer.ts'

type Quiet = Timer & {
  /** When the first one came that waits. */
  readonly firstAt: number
}

export function debounceStage(
  quietMs: number,
  longestMs: number = Infinity,
  onGap: OnGap = 'fire',
): Timed<Running<Quiet>> {
  const set = (now: number, firstAt: number): Quiet => ({
    setAt: now,
    dueAt: Math.min(now + quietMs, firstAt + longestMs),
    firstAt,
  })
  return {
    name: 'debounce',
    arrive(memory, { candidate }, now) {
      const timer = set(now, memory?.timer.firstAt ?? now)
      const reason = `fires in ${formatDuration(timer.dueAt - now)}, unless another one comes`
      return { memory: { timer, passage: candidate }, held: { event: candidate.event, reason } }
    },
    wakeAt: ({ timer }) => timer.dueAt,
    wake: (memory, now) =>
      memory.timer.dueAt > now ? { memory } : { memory: undefined, on: memory.passage },
    downtime: (memory, period) => throughDowntime(memory, period, onGap, (at) => set(at, at)),
  }
}
