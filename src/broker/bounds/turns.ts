// Splits each client's work into pieces that nobody else has to wait long for. Work is counted rather than
// timed: a unit is what it takes to compare with one node of the subscription tree, some tenth of a
// microsecond.
//
// Always: a client that has used its share goes on when all others that wait have had theirs, and when what
// has come for those that do not wait has been read. So a client waits for itself, however dear its packets
// are.

/** What one client may do before others have their turn: a millisecond or two. */
const SHARE = 10_000
/** What all clients that wait may do together before the sockets are read from again. */
const TURN = 50_000

/** What it costs to check that a topic filter is well-formed. */
export const FILTER_WORK = 5
/** What it costs to make or remove a subscription. */
export const SUBSCRIPTION_WORK = 40
/** What it costs to begin to look for what is retained under a subscription. */
export const FEED_WORK = 20
/**
 * A message for 64 clients costs one unit more: it is written once, and it pays to send many messages
 * together.
 */
const CLIENTS_BITS = 6

export class Turns {
  #left = SHARE
  readonly #waiting: (() => void)[] = []
  #scheduled = false

  /** A client's share begins. */
  begin(): void {
    this.#left = SHARE
  }

  spend(work: number): void {
    this.#left -= work
  }

  /** A packet has come, and goes to that many clients. */
  spendOn(clients: number): void {
    this.#left -= 1 + (clients >>> CLIENTS_BITS)
  }

  get isOver(): boolean {
    return this.#left <= 0
  }

  /** Calls back, with a new share, when it is this one's turn again. */
  wait(goOn: () => void): void {
    this.#waiting.push(goOn)
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(this.#serve)
  }

  readonly #serve = (): void => {
    let left = TURN
    // A client that is not done comes again, behind the others.
    for (let count = this.#waiting.length; count > 0 && left > 0; count--) {
      this.begin()
      this.#waiting.shift()!()
      left -= SHARE - this.#left
    }
    this.#scheduled = this.#waiting.length > 0
    if (this.#scheduled) setImmediate(this.#serve)
  }
}
