import type { Connection } from '../connection/connection.ts'
import type { Session } from '../session/session.ts'

/**
 * Does something with each, at the cost of so much work, then what is next. Where there are many, others have their turn in between; and
 * what the journal has to keep of it is kept first, so that no more than a share of it lies before what others wait for.
 */
export function inTurns<T>(
  connection: Connection,
  session: Session,
  items: Iterable<T>,
  work: number,
  act: (item: T) => void,
  then: () => void,
): void {
  const { turns } = connection.hub
  const left = items[Symbol.iterator]()
  goOn()

  function goOn(): void {
    for (let next = left.next(); next.done !== true; next = left.next()) {
      act(next.value)
      turns.spend(work)
      if (turns.isOver) return connection.holdUntilCommitted(session.mark, waitForOthers)
    }
    then()
  }

  function waitForOthers(): void {
    connection.holdForOthers(goOn)
  }
}
