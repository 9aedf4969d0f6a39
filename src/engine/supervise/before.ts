// Waiting for an answer that may never come.

import type { Clock } from '../../base/clock.ts'
import { pause } from '../../base/pause.ts'

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
