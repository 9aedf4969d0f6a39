// Waits for the head of an answer to reach Node's HTTP client: what a server has written may still be on its way.

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { setImmediate } from 'node:timers/promises'

/** Resolves when the next answer has begun to come, and what came along with its head has been taken. */
export async function nextAnswer(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const seen = (): void => resolve()
  subscribe('http.client.response.finish', seen)
  await promise
  unsubscribe('http.client.response.finish', seen)
  await setImmediate()
}
