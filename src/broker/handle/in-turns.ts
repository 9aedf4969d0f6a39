// A packet with many filters, done in turns with the work of other clients.

import { SUBSCRIPTION_WORK } from '../bounds/turns.ts'
import type { Connection } from '../connection/connection.ts'
import type { Session } from '../session/session.ts'

/** What it costs to make or remove a subscription that is recorded: most of it is the journal's. */
const RECORDED_SUBSCRIPTION_WORK = 400

/** What it costs to make or remove a subscription of this session. */
export const subscriptionWork = ({ journal }: Session): number =>
  journal === null ? SUBSCRIPTION_WORK : RECORDED_SUBSCRIPTION_WORK

/**
 * Calls `act` for each item, charging `work` to the client's turn each time, then `next`. When the client's
 * share is used up, others have their turn; before that, what the journal has been given is committed, so
 * that no more than a share of it lies before what others wait for.
 */
export function inTurns<T>(
  connection: Connection,
  session: Session,
  items: Iterable<T>,
  work: number,
  act: (item: T) => void,
  next: () => void,
): void {
  const { turns } = connection.hub
  const left = items[Symbol.iterator]()
  goOn()

  function goOn(): void {
    for (let item = left.next(); item.done !== true; item = left.next()) {
      act(item.value)
      turns.spend(work)
      if (turns.isOver) return connection.reader.holdUntilCommitted(session.mark, waitForOthers)
    }
    next()
  }

  function waitForOthers(): void {
    connection.reader.holdForOthers(goOn)
  }
}
