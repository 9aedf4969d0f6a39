// Hands what waits for shared subscriptions to their members as these have room: whoever comes first gets it.

import type { Clock } from '../../base/clock.ts'
import type { Event, QoS } from '../../model/event.ts'
import type { Counters } from '../bounds/counters.ts'
import type { Limits } from '../bounds/limits.ts'
import type { Routes } from '../routing/routing.ts'
import type { Owed } from '../session/owed.ts'
import type { Pages } from '../session/pages.ts'
import type { Recipient } from '../session/recipient.ts'
import { mayReceive } from '../session/rights.ts'
import type { Session } from '../session/session.ts'
import { Share } from '../session/share.ts'
import type { Target } from '../session/target.ts'
import type { Copies } from './copies.ts'
import { sharedOf } from './owed-copies.ts'
import { hasRoom } from './window.ts'

export interface ShareBacklogOptions {
  /** By which messages expire. */
  readonly clock: Pick<Clock, 'now'>
  readonly limits: Limits
  readonly counters: Counters
  readonly copies: Copies
  readonly routes: Routes
  readonly pages: Pages
}

export class ShareBacklog {
  readonly #clock: Pick<Clock, 'now'>
  readonly #limits: Limits
  readonly #counters: Counters
  readonly #copies: Copies
  readonly #routes: Routes
  readonly #pages: Pages

  constructor({ clock, limits, counters, copies, routes, pages }: ShareBacklogOptions) {
    this.#clock = clock
    this.#limits = limits
    this.#counters = counters
    this.#copies = copies
    this.#routes = routes
    this.#pages = pages
  }

  /** A member takes what it has room for. */
  take(recipient: Recipient, session: Session): void {
    for (const share of session.subscriptions.shares ?? []) {
      if (!(share instanceof Share) || share.waiting.size === 0) continue
      const member = share.memberOf(session)
      if (member !== undefined) this.#takeFrom(share, recipient, member)
    }
  }

  /**
   * A session has ended: what it was sent at QoS 1 and has not acknowledged goes to others; what it was sent
   * at QoS 2 does not.
   * [MQTT-4.8.2-4] [MQTT-4.8.2-5]
   */
  moveOn({ inflight }: Session): void {
    const moving = Map.groupBy(inflight.unacknowledgedOfShares(), ({ via }) => via)
    for (const [share, owed] of moving) {
      if (!(share instanceof Share)) continue
      share.takeBack(owed)
      this.#offer(share)
    }
  }

  /**
   * A member may not have what it was sent at QoS 1 and has not acknowledged: another one gets it.
   * Returns false if it came by no shared subscription, or no member may have it.
   */
  takeBack({ inflight }: Session, id: number, owed: Owed): boolean {
    const { qos, via, message } = owed
    if (qos === 2 || !(via instanceof Share) || !via.mayWait(message.topic)) return false
    inflight.free(id)
    via.takeBack([owed])
    this.#offer(via)
    return true
  }

  #offer(share: Share): void {
    for (const member of share.members) {
      const { recipient } = member.session
      if (recipient !== null) this.#takeFrom(share, recipient, member)
    }
  }

  #takeFrom(share: Share, recipient: Recipient, member: Target): void {
    const { session } = member
    const { waiting } = share
    const now = this.#clock.now()
    while (waiting.size > 0 && session.waiting.size === 0 && hasRoom(recipient, session, this.#limits)) {
      const owed = waiting.peek()
      if (owed === undefined) return this.#fetch(share, recipient)
      const { topic, expiresAt } = owed.message
      const isAllowed = mayReceive(session.pass, topic)
      if (expiresAt > now && !isAllowed && share.mayWait(topic)) return // for another member
      waiting.shift()
      if (expiresAt > now && isAllowed) this.#give(share, recipient, member, owed)
      else {
        this.#counters.drop(isAllowed ? 'expired' : 'denied') // [MQTT-3.3.2-5]
        share.forget(owed.event)
      }
    }
  }

  #give(share: Share, recipient: Recipient, member: Target, owed: Owed): void {
    const qos = Math.min(owed.qos, member.qos) as QoS // [MQTT-4.8.2-3]
    const retain = owed.retain && member.retainAsPublished
    const copy = { ...owed, qos, retain, identifiers: member.identifiers }
    if (qos !== 0) return this.#copies.begin(recipient, member.session, { ...copy, qos })
    this.#copies.send(recipient, copy, false, 0)
    share.forget(owed.event)
  }

  #fetch(share: Share, recipient: Recipient): void {
    const read = (events: readonly Event[]) => sharedOf(this.#routes, share, events)
    this.#pages.fetch(share.waiting, recipient, read, () => this.#offer(share))
  }
}
