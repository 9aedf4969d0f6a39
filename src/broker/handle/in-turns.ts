import type { Connection } from '../connection.ts'

/** Does something with each, at the cost of so much work, then what is next. Where there are many, others have their turn in between. */
export function inTurns<T>(
  connection: Connection,
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
      if (turns.isOver) return connection.holdForOthers(goOn)
    }
    then()
  }
}
