// Waiting, by the injected clock.

import type { Clock } from './clock.ts'

/** Resolves after a while, or as soon as the signal is aborted. */
export function pause(clock: Clock, lengthMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const end = (): void => {
      cancel()
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const cancel = clock.after(lengthMs, end)
    signal?.addEventListener('abort', end)
  })
}
