// The sessions by client id: opened by CONNECT, taken over by a second connection, ended with their connection or when they expire.

import type { StoredSession } from '../../model/session.ts'
import { AT_ONCE } from '../connection/acks.ts'
import type { Connection } from '../connection/connection.ts'
import { afterGrace } from '../socket/grace.ts'
import type { Hub } from '../connection/hub.ts'
import { OPEN_PASS } from '../session/rights.ts'
import { announceOffline, type Departure } from './presence.ts'
import { NEVER_EXPIRES, Session, type Subscription } from '../session/session.ts'
import { dropWill, publishWill, releaseWill } from './wills.ts'

export class Sessions {
  readonly #byClient = new Map<string, Session>()
  #persistent = 0

  get size(): number {
    return this.#byClient.size
  }

  /** Those that outlive their connection. */
  get persistent(): number {
    return this.#persistent
  }

  get(clientId: string): Session | undefined {
    return this.#byClient.get(clientId)
  }

  /** The client's session, begun anew or taken up again. Whoever had it before has been told to go. */
  open(
    hub: Hub,
    connection: Connection,
    clientId: string,
    clean: boolean,
  ): { session: Session; present: boolean } {
    let session = this.#byClient.get(clientId) // [MQTT-3.1.3-2] [v3 MQTT-3.1.3-2]
    if (session?.holder) {
      hub.counters.takeovers++
      session.holder.takeOver() // [MQTT-3.1.4-3] [v3 MQTT-3.1.4-2]
      session = this.#byClient.get(clientId) // it may have ended with its connection
    }
    // [MQTT-3.1.2-4] [MQTT-3.1.2-5] [MQTT-3.1.2-6] [v3 MQTT-3.1.2-6] [MQTT-3.1.4-4] [v3 MQTT-3.1.2-4] [v3 MQTT-3.1.4-3]
    let mark = AT_ONCE
    if (session !== undefined && clean) {
      this.end(hub, session)
      mark = session.mark // the client hears that it is gone when it is
      session = undefined
    }
    const present = session !== undefined
    if (session === undefined) {
      session = new Session(clientId, hub.journal.nextNumber())
      session.mark = mark
      this.#byClient.set(clientId, session)
    }
    session.cancelExpiry?.()
    session.cancelExpiry = null
    dropWill(hub, session) // [MQTT-3.1.3-9]: back before the delay is over
    session.holder = connection
    return { session, present }
  }

  /** The connection has ended. What becomes of the will and of the session depends on how. */
  leave(hub: Hub, connection: Connection, session: Session, departure: Departure): void {
    session.holder = null
    session.connection = null
    if (departure === 'clean') dropWill(hub, session) // [MQTT-3.14.4-3] [v3 MQTT-3.14.4-3]
    if (session.outlives) {
      // [MQTT-4.1.0-1] [v3 MQTT-4.1.0-1] [v3 MQTT-4.1.0-2]
      hub.journal.left(session, hub.clock.now())
      releaseWill(hub, session)
      this.#expireAfter(hub, session, session.expirySeconds * 1_000)
    } else {
      this.end(hub, session)
    }
    announceOffline(hub, connection, session, departure)
  }

  /**
   * Nothing of the session is left, but for its will, which it is time for.
   * [MQTT-3.1.2-23] [MQTT-3.1.3-9] [MQTT-4.1.0-2] [v3 MQTT-3.1.2-7]
   */
  end(hub: Hub, session: Session): void {
    session.cancelExpiry?.()
    session.cancelExpiry = null
    session.ended = true
    hub.routes.leave(session)
    if (this.#byClient.get(session.clientId) === session) this.#byClient.delete(session.clientId)
    if (session.outlives) this.#persistent--
    if (session.journal !== null) hub.journal.ended(session)
    hub.backlog.moveOn(session)
    publishWill(hub, session)
  }

  /** How long the session is kept changes what is owed to it. */
  setExpiry(hub: Hub, session: Session, seconds: number): void {
    const outlived = session.outlives
    session.expirySeconds = seconds
    this.#persistent += Number(session.outlives) - Number(outlived)
    if (session.outlives) hub.journal.opened(session)
    else if (session.journal !== null) hub.journal.ended(session)
    if (session.outlives !== outlived && session.subscriptions.size > 0) hub.routes.refresh()
  }

  /** Returns whether the session did not have this filter before. */
  subscribe(hub: Hub, subscription: Subscription): boolean {
    const { session, filter, qos, noLocal } = subscription
    const before = session.subscriptions.get(filter)
    if (before !== undefined && (before.qos !== qos || before.noLocal !== noLocal)) {
      const upTo = session.retire(before, hub.journal.lastEvent)
      session.journal?.unsubscribed(session, filter, upTo)
    }
    session.subscribe(subscription)
    session.journal?.subscribed(subscription)
    return hub.routes.add(subscription)
  }

  unsubscribe(hub: Hub, session: Session, filter: string): boolean {
    const subscription = session.subscriptions.get(filter)
    if (subscription === undefined) return false
    const upTo = session.retire(subscription, hub.journal.lastEvent)
    session.unsubscribe(filter)
    session.feeds?.delete(filter)
    hub.routes.remove(subscription)
    session.journal?.unsubscribed(session, filter, upTo)
    return true
  }

  /** As it was when the hub last stopped. */
  restore(hub: Hub, stored: StoredSession, goneAt: number): void {
    const session = new Session(stored.client, stored.number)
    this.#byClient.set(stored.client, session)
    session.pass = { ...OPEN_PASS, user: stored.user }
    session.expirySeconds = stored.expirySeconds
    this.#persistent++
    session.journal = hub.journal
    session.sentUpTo = stored.sentUpTo
    // What was sent last may not have been said: of a client that was there, anything may have been sent.
    session.resentUpTo = stored.goneAt === null ? hub.journal.lastEvent : stored.sentUpTo
    session.restoreReceived(stored.received)
    for (const one of stored.subscriptions) {
      const subscription = { ...one, session }
      session.subscribe(subscription)
      hub.routes.add(subscription)
    }
    if (stored.past.length > 0) session.past = stored.past.map((one) => ({ ...one, session }))
    if (stored.goneAt === null) hub.journal.left(session, goneAt)
    this.#expireAfter(hub, session, goneAt + stored.expirySeconds * 1_000 - hub.clock.now())
  }

  /** Stops all timers. */
  stop(): void {
    for (const session of this.#byClient.values()) {
      session.cancelExpiry?.()
      session.cancelWill?.()
    }
  }

  [Symbol.iterator](): IterableIterator<Session> {
    return this.#byClient.values()
  }

  #expireAfter(hub: Hub, session: Session, delayMs: number): void {
    if (session.expirySeconds === NEVER_EXPIRES) return
    session.cancelExpiry = afterGrace(hub.clock, delayMs, () => {
      hub.counters.expiredSessions++
      this.end(hub, session)
    })
  }
}
