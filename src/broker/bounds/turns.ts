// One client's work, in pieces that nobody else has to wait long for. Work is counted rather than timed: a unit is what it takes to
// compare with one node of the subscription tree, some tenth of a microsecond.
//
// Always: whoever has used its share goes on when all others that wait have had theirs, and what has come meanwhile for those that do
// not wait has been read. So a client waits for itself, however dear its packets are.

import type { Session } from '../session/session.ts'

/** What one client may do before others have their turn: a millisecond or two. */
const SHARE = 10_000
/** What those that wait may do together before the sockets are read from again. */
const TURN = 50_000

/** What it costs to look whether a topic filter is well-formed. */
export const FILTER_WORK = 5
/** What a subscription costs that is made or removed. */
export const SUBSCRIPTION_WORK = 40
/** The same where that is to be kept: most of it is the journal's. */
const KEPT_SUBSCRIPTION_WORK = 400

export const subscriptionWork = ({ journal }: Session): number =>
  journal === null ? SUBSCRIPTION_WORK : KEPT_SUBSCRIPTION_WORK
/** What it costs to begin to look for what is retained under one. */
export const FEED_WORK = 20
/** Messages that are given to so many clients cost one: they are written once, and it pays to send many of them together. */
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

  /** A packet has come, and goes to so many clients. */
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
    // Whoever is not done comes again, behind the others.
    for (let count = this.#waiting.length; count > 0 && left > 0; count--) {
      this.begin()
      this.#waiting.shift()!()
      left -= SHARE - this.#left
    }
    this.#scheduled = this.#waiting.length > 0
    if (this.#scheduled) setImmediate(this.#serve)
  }
}
