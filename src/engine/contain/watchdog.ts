// Finds an engine that no longer gets on. Without a sign of life, it is the thread's own processor time that
// tells: code that runs for too long has used it up, a thread that the machine had no time for has not. A
// thread that is blocked uses none, and is given more time. Time is counted in ticks of this watch, so that a
// machine that slept, or a clock that was set, makes nobody a suspect.

import type { Clock } from '../../base/clock.ts'
import { readPulse } from './pulse.ts'

const TICKS = 10
/** The time that a blocked thread is given. It may have a reason, but all rules wait with it. */
const BLOCKED_TICKS = 6 * TICKS

export interface Suspect {
  readonly pulse: SharedArrayBuffer
  /**
   * Resolves with the processor time that the thread has used so far; rejects when the thread is gone. A
   * blocked one may never answer.
   */
  readonly cpuMs: () => Promise<number>
}

/**
 * Calls back once, when it ran for `limitMs` without progress, or was blocked for much longer. Returns what
 * ends the watch.
 */
export function watchPulse(
  { pulse, cpuMs }: Suspect,
  clock: Clock,
  limitMs: number,
  hung: () => void,
): () => void {
  let seen = readPulse(pulse).progress
  let still = 0
  let cpuAtRest: number | undefined
  let isAsking = false
  let isOver = false
  let cancel = clock.after(limitMs / TICKS, tick)

  function tick(): void {
    cancel = clock.after(limitMs / TICKS, tick)
    const { hasBegun, progress } = readPulse(pulse)
    const isStill = hasBegun && progress === seen
    still = isStill ? still + 1 : 0
    if (!isStill) cpuAtRest = undefined
    seen = progress
    if (still >= BLOCKED_TICKS) end()
    // An engine at rest is not asked: it beats again before the second look.
    else if (still > 1 && !isAsking) void ask(progress)
  }

  async function ask(progress: string): Promise<void> {
    isAsking = true
    const used = await cpuMs().catch(() => undefined)
    isAsking = false
    if (used === undefined || isOver || readPulse(pulse).progress !== progress) return
    cpuAtRest ??= used
    if (used - cpuAtRest >= limitMs) end()
  }

  function end(): void {
    if (isOver) return
    isOver = true
    cancel()
    hung()
  }

  return () => {
    isOver = true
    cancel()
  }
}
