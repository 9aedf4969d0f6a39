// `rateLimit: [10, '1h']`: at most so many within the window that ends now; the rest are dropped.

import { formatDuration } from '../../base/quantities.ts'
import { within } from './stage.ts'
import type { Timed } from './stage.ts'

interface Memory {
  /** When those went that are still in the window, oldest first. */
  readonly wentAt: readonly number[]
}

export const rateLimitStage = (most: number, windowMs: number): Timed<Memory> => {
  const inWindow = (memory: Memory | undefined, now: number): readonly number[] =>
    memory?.wentAt.filter((at) => within(at, windowMs, now)) ?? []
  return {
    name: 'rateLimit',

    arrive(memory, { candidate }, now) {
      const wentAt = inWindow(memory, now)
      if (wentAt.length < most) return { memory: { wentAt: [...wentAt, now] }, on: candidate }
      const reason = `dropped: ${most} have gone in ${formatDuration(windowMs)}`
      return { memory: { wentAt }, held: { event: candidate.event, reason } }
    },

    // The newest entry's end: then all is forgotten.
    wakeAt: ({ wentAt }) => (wentAt.at(-1) ?? -Infinity) + windowMs,

    wake(memory, now) {
      const wentAt = inWindow(memory, now)
      return { memory: wentAt.length > 0 ? { wentAt } : undefined }
    },
  }
}
