// `throttle: '1m'`: at most one per window; the rest wait their turn, in order.

import { formatDuration } from '../../base/quantities.ts'
import type { Candidate, Timed } from './stage.ts'

interface Memory {
  /** When the next one may go. */
  readonly freeAt: number
  readonly queue: readonly Candidate[]
}

export const throttleStage = (windowMs: number, longestQueue: number): Timed<Memory> => ({
  name: 'throttle',

  arrive(memory, { candidate }, now) {
    if (memory === undefined) return { memory: { freeAt: now + windowMs, queue: [] }, on: candidate }
    const { freeAt, queue } = memory
    if (queue.length >= longestQueue)
      return {
        memory,
        held: { event: candidate.event, reason: `dropped: ${queue.length} wait already` },
      }
    const left = formatDuration(freeAt + queue.length * windowMs - now)
    return {
      memory: { freeAt, queue: [...queue, candidate] },
      held: { event: candidate.event, reason: `waits ${left} for its turn` },
    }
  },

  wakeAt: ({ freeAt }) => freeAt,

  wake(memory, now) {
    const { freeAt, queue } = memory
    if (freeAt > now) return { memory }
    const [next, ...rest] = queue
    return next === undefined
      ? { memory: undefined }
      : { memory: { freeAt: freeAt + windowMs, queue: rest }, on: next }
  },

  // The queue still moves at one per window: windows that passed during the downtime are not made up for at
  // once.
  downtime: ({ freeAt, queue }, { toAt }) => ({ memory: { freeAt: Math.max(freeAt, toAt), queue } }),
})
