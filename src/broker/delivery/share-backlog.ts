// What waits for shared subscriptions is handed to their members as these have room: whoever comes first gets it.

import type { Clock } from '../../base/clock.ts'
import type { QoS } from '../../model/event.ts'
import type { Connection } from '../connection/connection.ts'
import type { Copies } from './copies.ts'
import type { Counters } from '../bounds/counters.ts'
import type { Owed } from '../message/message.ts'
import type { Pages } from '../session/pages.ts'
import { mayReceive } from '../session/rights.ts'
import { sharedOf } from '../clients/restore.ts'
import type { Target } from '../routing/routing.ts'
import type { Session } from '../session/session.ts'
import type { Share } from '../session/share.ts'
import { hasRoom } from './window.ts'

export class ShareBacklog {
  readonly #clock: Clock
  readonly #counters: Counters
  readonly #copies: Copies
  readonly #pages: Pages

  constructor(clock: Clock, counters: Counters, copies: Copies, pages: Pages) {
    this.#clock = clock
    this.#counters = counters
    this.#copies = copies
    this.#pages = pages
  }

  /** A member takes what it has room for. */
  take(connection: Connection, session: Session): void {
    for (const share of session.shares ?? []) {
      const member = share.memberOf(session)
      if (share.waiting.size > 0 && member !== undefined) this.#takeFrom(share, connection, member)
    }
  }

  /**
   * A session has ended: what it was sent at QoS 1 and has not acknowledged goes to others; what it was sent at QoS 2 does not.
   * [MQTT-4.8.2-4] [MQTT-4.8.2-5]
   */
  moveOn({ inflight }: Session): void {
    const moving = Map.groupBy(inflight.unacknowledged(), ({ share }) => share!)
    for (const [share, owed] of moving) {
      share.takeBack(owed)
      this.#offer(share)
    }
  }

  #offer(share: Share): void {
    for (const member of share.members) {
      const { connection } = member.session
      if (connection !== null) this.#takeFrom(share, connection, member)
    }
  }

  #takeFrom(share: Share, connection: Connection, member: Target): void {
    const { session } = member
    const { waiting } = share
    const now = this.#clock.now()
    while (waiting.size > 0 && session.waiting.size === 0 && hasRoom(connection, session)) {
      const owed = waiting.peek()
      if (owed === undefined) return this.#fetch(share, connection)
      const { topic, expiresAt } = owed.message
      const isAllowed = mayReceive(session.pass, topic)
      if (expiresAt > now && !isAllowed && share.mayWait(topic)) return // for another member
      waiting.shift()
      if (expiresAt > now && isAllowed) this.#give(connection, member, owed)
      else {
        this.#counters.drop(isAllowed ? 'expired' : 'denied') // [MQTT-3.3.2-5]
        share.forget(owed.event)
      }
    }
  }

  #give(connection: Connection, member: Target, owed: Owed): void {
    const qos = Math.min(owed.qos, member.qos) as QoS // [MQTT-4.8.2-3]
    const retain = owed.retain && member.retainAsPublished
    const copy = { ...owed, qos, retain, identifiers: member.identifiers }
    if (qos !== 0) return this.#copies.begin(connection, member.session, { ...copy, qos })
    this.#copies.send(connection, copy, false, 0)
    owed.share!.forget(owed.event)
  }

  #fetch(share: Share, connection: Connection): void {
    const read = sharedOf(share)
    this.#pages.fetch(share.waiting, connection, read, () => this.#offer(share))
  }
}
