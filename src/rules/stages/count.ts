// `count: [3, '10m']`: only the third within the window; then it counts anew.

import { formatDuration } from '../../base/quantities.ts'
import { within } from './stage.ts'
import type { Timed } from './stage.ts'

interface Memory {
  /** When those came that are still in the window, oldest first. */
  readonly cameAt: readonly number[]
}

export const countStage = (wanted: number, windowMs: number): Timed<Memory> => {
  const inWindow = (memory: Memory | undefined, now: number): readonly number[] =>
    memory?.cameAt.filter((at) => within(at, windowMs, now)) ?? []
  return {
    name: 'count',

    arrive(memory, { candidate }, now) {
      const cameAt = [...inWindow(memory, now), now]
      if (cameAt.length >= wanted) return { memory: undefined, on: candidate }
      const reason = `number ${cameAt.length} of ${wanted} within ${formatDuration(windowMs)}`
      return { memory: { cameAt }, held: { event: candidate.event, reason } }
    },

    // The newest entry's end: then all is forgotten.
    wakeAt: ({ cameAt }) => (cameAt.at(-1) ?? -Infinity) + windowMs,

    wake(memory, now) {
      const cameAt = inWindow(memory, now)
      return { memory: cameAt.length > 0 ? { cameAt } : undefined }
    },
  }
}
