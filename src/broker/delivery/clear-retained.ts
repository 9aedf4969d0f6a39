// Clears retained messages because an operator asks for it, in turns, so that a filter which matches a million
// of them holds nobody up. Each is cleared as a client would clear it, by an empty message: subscribers hear
// it, rules see it, the history has it.

import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../base/clock.ts'
import type { ClearedRetained, RetainedRange } from '../../model/store.ts'
import { AT_ONCE } from '../../model/store.ts'
import { EMPTY } from '../../mqtt/bytes.ts'
import { messageFrom } from '../message/message.ts'
import type { RetainedMessages } from '../routing/retained.ts'
import type { Publisher } from './publisher.ts'

/** Cleared in one call at most: whoever asks waits for the answer. */
const MOST_CLEARED = 10_000
/** Messages that are cleared, or steps of the search that are made, before others have their turn. */
const IN_ONE_TURN = 64

export interface ClearingPorts {
  readonly clock: Clock
  readonly retained: Pick<RetainedMessages, 'search'>
  readonly publisher: Pick<Publisher, 'publishMessage'>
  /** Resolves when the event is committed. */
  readonly committed: (event: number) => Promise<unknown>
}

/**
 * Clears what matches the filter and was retained by the event `upTo`, but for `$SYS`, which the hub itself
 * says anew. Resolves when all of that is committed.
 */
export async function clearRetained(
  { clock, retained, publisher, committed }: ClearingPorts,
  { filter, upTo }: RetainedRange,
): Promise<ClearedRetained> {
  let cleared = 0
  let steps = 0
  let last = AT_ONCE
  for (const found of retained.search(filter)) {
    if (cleared === MOST_CLEARED) {
      await committed(last)
      return { cleared, isAll: false }
    }
    if (found !== null && found.event !== AT_ONCE && found.event <= upTo) {
      const { topic } = found
      const empty = {
        topic,
        payload: EMPTY,
        properties: null,
        qos: 1,
        retain: true,
        at: clock.now(),
      } as const
      last = publisher.publishMessage(messageFrom(empty), { origin: 'http', client: null, cause: null })
      cleared++
    }
    if (++steps % IN_ONE_TURN > 0) continue
    await committed(last)
    await setImmediate()
  }
  await committed(last)
  return { cleared, isAll: true }
}
