// Waiting, by the injected clock.

import type { Clock } from '../../base/clock.ts'

/** Resolves after a while, or at once when the signal is aborted. */
export function pause(clock: Clock, lengthMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const cancel = clock.after(lengthMs, resolve)
    signal.addEventListener('abort', () => (cancel(), resolve()), { once: true })
  })
}
