// `ttl: '1h'`: drops an event that is older than that by now. What waits until its run can begin is checked
// again there, by `Firing.expiresAt`.

import { formatDuration } from '../../base/quantities.ts'
import type { Timed } from './stage.ts'

export const ttlStage = (longestMs: number): Timed<never> => ({
  name: 'ttl',
  arrive(memory, { candidate }, now) {
    const ageMs = now - candidate.at
    if (ageMs <= longestMs) return { memory, on: candidate }
    return { memory, held: { event: candidate.event, reason: `it is ${formatDuration(ageMs)} old` } }
  },
  wakeAt: () => Infinity,
  wake: (memory) => ({ memory }),
})
