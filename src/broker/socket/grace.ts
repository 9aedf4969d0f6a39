// Delays that end in a judgement about a client that is away: its will is published, its session ends. A hub
// that was held up itself (stopped, suspended, swapped out) has not read what came meanwhile: the client gets
// a grace to be heard first.

import type { Clock } from '../../base/clock.ts'

/** A timer that is this late shows that the hub was held up: the loop of a busy hub is late by less. */
export const HELD_UP_MS = 1_000
/** Long enough to accept, read and admit every client that waited at the door. */
const GRACE_MS = 5_000
/** A timer stands still while the machine sleeps. So a long delay is taken in pieces of this length. */
const PIECE_MS = 5 * 60_000

/**
 * Calls `act` after a delay, by the steady clock. If the hub is held up when the delay ends, `act` comes
 * `GRACE_MS` after the hub goes on. The returned function cancels the call.
 */
export function afterGrace(clock: Clock, delayMs: number, act: () => void): () => void {
  const dueAt = clock.steady() + Math.max(0, delayMs)
  let cancel = (): void => {}
  const arm = (leftMs: number): void => {
    cancel = clock.after(Math.min(leftMs, PIECE_MS), () => {
      const lateMs = clock.steady() - dueAt
      if (leftMs > PIECE_MS && lateMs < 0) arm(-lateMs)
      else if (lateMs < HELD_UP_MS) act()
      else cancel = afterGrace(clock, GRACE_MS, act)
    })
  }
  arm(delayMs)
  return () => cancel()
}
