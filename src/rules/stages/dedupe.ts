// `dedupe: { key, window }`: the same key within the window of the first one that passed is the same event.

import { formatDuration } from '../../base/quantities.ts'
import { within } from './stage.ts'
import type { Timed } from './stage.ts'

/** Keys remembered for one key of the rule; beyond that the oldest is forgotten. */
export const MOST_DEDUPE_KEYS = 1_000

/** Oldest first. */
interface Memory {
  readonly seen: readonly { readonly key: string; readonly at: number }[]
}

export const dedupeStage = (windowMs: number): Timed<Memory> => {
  const fresh = (memory: Memory | undefined, now: number): Memory['seen'] =>
    memory?.seen.filter(({ at }) => within(at, windowMs, now)) ?? []
  return {
    name: 'dedupe',

    arrive(memory, { candidate }, now) {
      const key = candidate.dedupe ?? ''
      const seen = fresh(memory, now)
      const before = seen.find((each) => each.key === key)
      if (before !== undefined) {
        const ago = formatDuration(now - before.at)
        return { memory: { seen }, held: { event: candidate.event, reason: `the same as ${ago} before` } }
      }
      return { memory: { seen: [...seen, { key, at: now }].slice(-MOST_DEDUPE_KEYS) }, on: candidate }
    },

    // The newest entry's end: then all is forgotten.
    wakeAt: ({ seen }) => (seen.at(-1)?.at ?? -Infinity) + windowMs,

    wake(memory, now) {
      const seen = fresh(memory, now)
      return { memory: seen.length > 0 ? { seen } : undefined }
    },
  }
}
