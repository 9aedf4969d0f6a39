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

/** Resolves with an answer. Rejects when the signal comes first: whoever is asked may never answer. */
export async function before<T>(clock: Clock, signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
  const over = new AbortController()
  const stopped = async (): Promise<never> => {
    await pause(clock, Infinity, AbortSignal.any([over.signal, signal]))
    throw new Error('the hub stops')
  }
  try {
    return await (signal.aborted ? stopped() : Promise.race([ask(), stopped()]))
  } finally {
    over.abort()
  }
}
