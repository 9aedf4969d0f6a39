// The retained messages that one subscription has asked for: there from SUBSCRIBE until all are given and
// acknowledged. `delivery/feeds.ts` sends them.
//
// The journal records only that a feed has not ended and, at QoS 2, what it has given. After a crash the feed
// begins anew and leaves that out.

import { AT_ONCE } from '../../model/store.ts'
import type { Retained } from '../message/message.ts'
import type { Owed, Via } from './owed.ts'

/** The subscriptions that a feed belongs to. */
export interface FeedOwner {
  /** A message is given at QoS 2. */
  fed(filter: string, event: number): void
  /** The feed has given all it had, and all of it is acknowledged. */
  endFeed(feed: Feed): void
}

export interface FeedOptions {
  readonly owner: FeedOwner
  readonly filter: string
  readonly upTo: number
  readonly givenBefore: ReadonlySet<number> | null
}

export class Feed implements Via {
  readonly filter: string
  readonly isShared = false
  readonly owes = false
  /**
   * The search, begun when the feed has its turn: one client may wait for thousands of feeds. `null` stands
   * for a step in which nothing was found.
   */
  messages: Iterator<Retained | null> | undefined = undefined
  /** The newest event when the feed began; later messages come as they are published. */
  readonly upTo: number
  /** The events that it gave at QoS 2 before the hub last stopped; `null` if it began afterwards. */
  readonly givenBefore: ReadonlySet<number> | null
  readonly #owner: FeedOwner
  #isSpent = false
  #unacknowledged = 0

  constructor({ owner, filter, upTo, givenBefore }: FeedOptions) {
    this.#owner = owner
    this.filter = filter
    this.upTo = upTo
    this.givenBefore = givenBefore
  }

  get mayRepeat(): boolean {
    return this.givenBefore !== null
  }

  /** Whether there is nothing more to give. */
  get isSpent(): boolean {
    return this.#isSpent
  }

  /** At QoS 2 the handshake, which is committed together with this, answers for the message from now on. */
  given(_session: number, _packetId: number, { event, qos }: Owed): number {
    if (qos === 1) this.#unacknowledged++
    else if (event > 0) this.#owner.fed(this.filter, event)
    return AT_ONCE
  }

  acknowledged(): void {
    this.#unacknowledged--
    this.#endIfOver()
  }

  dropped(): void {}

  spend(): void {
    this.#isSpent = true
    this.#endIfOver()
  }

  #endIfOver(): void {
    if (this.#isSpent && this.#unacknowledged === 0) this.#owner.endFeed(this)
  }
}
