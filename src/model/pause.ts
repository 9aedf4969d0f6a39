// A pause of the hub: a period in which it ran but was held up (stopped, suspended, swapped out), so that it
// could not hear anybody. The hub publishes it before anything that it receives afterwards. So the journal
// has it in its place: timers that span it treat it as a downtime, whichever engine reads it, and whenever.

import type { Event, Publication } from './event.ts'
import { hubMessage, jsonIn } from './hub-message.ts'

export interface Pause {
  /** The last moment at which the hub is known to have been at work. */
  readonly fromAt: number
  /** The moment at which the hub noticed that it is at work again. */
  readonly toAt: number
}

/** @param root the first level of the hub's own topics */
export const pauseTopic = (root: string): string => `${root}/hub/pause`

export const pauseMessage = (root: string, { fromAt, toAt }: Pause): Publication =>
  hubMessage(pauseTopic(root), { fromAt, toAt })

/**
 * The pause that an event tells of; `undefined` when it tells of none, or when a rule published it, which may
 * publish what it likes.
 */
export function pauseIn({ topic, origin, cause, payload }: Event, root: string): Pause | undefined {
  if (origin !== 'hub' || cause !== null || topic !== pauseTopic(root)) return undefined
  const pause = jsonIn(payload) as Partial<Pause> | null | undefined
  if (typeof pause?.fromAt !== 'number' || typeof pause.toAt !== 'number') return undefined
  return { fromAt: pause.fromAt, toAt: pause.toAt }
}
