// Finds an engine that no longer gets on. It counts its own ticks rather than time, so that a machine that slept, or a
// clock that was set, makes nobody a suspect.

import type { Clock } from '../base/clock.ts'
import { readPulse } from './pulse.ts'
import type { Unit } from './pulse.ts'

const TICKS = 10

/** Calls back once, with the unit whose code runs, when there was no progress for `limitMs`. Returns what ends the watch. */
export function watchPulse(
  memory: SharedArrayBuffer,
  clock: Clock,
  limitMs: number,
  hung: (unit: Unit) => void,
): () => void {
  let seen = readPulse(memory).progress
  let still = 0
  let cancel = clock.after(limitMs / TICKS, tick)
  function tick(): void {
    const { hasBegun, progress, unit } = readPulse(memory)
    still = hasBegun && progress === seen ? still + 1 : 0
    seen = progress
    if (still >= TICKS) hung(unit)
    else cancel = clock.after(limitMs / TICKS, tick)
  }
  return () => cancel()
}
