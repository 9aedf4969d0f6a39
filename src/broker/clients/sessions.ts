// The sessions by client id: opened by CONNECT, taken over by a second connection, ended with their
// connection or when they expire.

import type { Clock } from '../../base/clock.ts'
import type { StoredSession } from '../../model/session.ts'
import { AT_ONCE } from '../../model/store.ts'
import type { Counters } from '../bounds/counters.ts'
import type { Backlog } from '../delivery/backlog.ts'
import type { Routes } from '../routing/routing.ts'
import type { Departure, Recipient } from '../session/recipient.ts'
import { NEVER_EXPIRES, Session, type Subscription } from '../session/session.ts'
import type { SessionJournal } from '../session/session-journal.ts'
import { afterGrace } from '../socket/grace.ts'
import type { Presence } from './presence.ts'
import type { Wills } from './wills.ts'

export interface SessionsOptions {
  readonly clock: Clock
  readonly counters: Counters
  readonly journal: SessionJournal
  readonly routes: Routes
  readonly backlog: Backlog
  readonly wills: Wills
  readonly presence: Presence
}

export class Sessions {
  readonly #clock: Clock
  readonly #counters: Counters
  readonly #journal: SessionJournal
  readonly #routes: Routes
  readonly #backlog: Backlog
  readonly #wills: Wills
  readonly #presence: Presence
  readonly #byClient = new Map<string, Session>()
  /** Cancels the end of sessions whose client is away. */
  readonly #expiring = new Map<Session, () => void>()
  #persistent = 0

  constructor({ clock, counters, journal, routes, backlog, wills, presence }: SessionsOptions) {
    this.#clock = clock
    this.#counters = counters
    this.#journal = journal
    this.#routes = routes
    this.#backlog = backlog
    this.#wills = wills
    this.#presence = presence
  }

  get size(): number {
    return this.#byClient.size
  }

  /** How many sessions outlive their connection. */
  get persistent(): number {
    return this.#persistent
  }

  get(clientId: string): Session | undefined {
    return this.#byClient.get(clientId)
  }

  /**
   * Gives a recipient its client's session, begun anew or taken up again. Whoever had the session before has
   * been told to go. Messages come once the recipient is attached to the session.
   */
  open(recipient: Recipient, clientId: string, clean: boolean): { session: Session; present: boolean } {
    let session = this.#byClient.get(clientId) // [MQTT-3.1.3-2] [v3 MQTT-3.1.3-2]
    if (session?.holder) {
      this.#counters.takeovers++
      session.holder.takeOver() // [MQTT-3.1.4-3] [v3 MQTT-3.1.4-2]
      session = this.#byClient.get(clientId) // it may have ended with its connection
    }
    // [MQTT-3.1.2-4] [MQTT-3.1.2-5] [MQTT-3.1.2-6] [v3 MQTT-3.1.2-6] [MQTT-3.1.4-4] [v3 MQTT-3.1.2-4]
    // [v3 MQTT-3.1.4-3]
    let mark = AT_ONCE
    if (session !== undefined && clean) {
      this.end(session)
      mark = session.mark // the client hears that its session is gone once that is committed
      session = undefined
    }
    const present = session !== undefined
    if (session === undefined) {
      session = new Session(clientId, this.#journal.nextNumber(), mark)
      this.#byClient.set(clientId, session)
    }
    this.#cancelExpiry(session)
    this.#wills.drop(session) // [MQTT-3.1.3-9]: back before the delay is over
    session.hold(recipient)
    return { session, present }
  }

  /** The connection has ended. What becomes of the will and of the session depends on how. */
  leave(recipient: Recipient, session: Session, departure: Departure): void {
    session.detach()
    if (departure === 'clean') this.#wills.drop(session) // [MQTT-3.14.4-3] [v3 MQTT-3.14.4-3]
    if (session.outlives) {
      // [MQTT-4.1.0-1] [v3 MQTT-4.1.0-1] [v3 MQTT-4.1.0-2]
      this.#journal.left(session, this.#clock.now())
      this.#wills.release(session)
      this.#expireAfter(session, session.expirySeconds * 1_000)
    } else {
      this.end(session)
    }
    this.#presence.offline(recipient, session, departure)
  }

  /**
   * Ends a session: nothing is left of it but its will, which is published now.
   * [MQTT-3.1.2-23] [MQTT-3.1.3-9] [MQTT-4.1.0-2] [v3 MQTT-3.1.2-7]
   */
  end(session: Session): void {
    this.#cancelExpiry(session)
    session.stopReceiving()
    this.#routes.leave(session)
    if (this.#byClient.get(session.clientId) === session) this.#byClient.delete(session.clientId)
    if (session.outlives) this.#persistent--
    session.end()
    this.#backlog.moveOn(session)
    this.#wills.publish(session)
  }

  /** How long a session is kept changes what is owed to it. */
  setExpiry(session: Session, seconds: number): void {
    const outlived = session.outlives
    session.setExpiry(seconds, this.#journal)
    this.#persistent += Number(session.outlives) - Number(outlived)
    if (session.outlives !== outlived && session.subscriptions.size > 0) this.#routes.refresh()
  }

  /** Returns whether the session did not have this filter before. */
  subscribe(subscription: Subscription): boolean {
    subscription.session.subscribe(subscription)
    return this.#routes.add(subscription)
  }

  /** Returns whether the session had this filter. */
  unsubscribe(session: Session, filter: string): boolean {
    const subscription = session.subscriptions.remove(filter)
    if (subscription === undefined) return false
    this.#routes.remove(subscription)
    return true
  }

  /** Takes up a session as it was when the hub last stopped. */
  restore(stored: StoredSession, goneAt: number): void {
    const session = new Session(stored.client, stored.number)
    this.#byClient.set(stored.client, session)
    session.restore(stored, this.#journal)
    this.#persistent++
    for (const subscription of session.subscriptions.values()) this.#routes.add(subscription)
    if (stored.goneAt === null) this.#journal.left(session, goneAt)
    this.#expireAfter(session, goneAt + stored.expirySeconds * 1_000 - this.#clock.now())
  }

  /** Stops all timers. */
  stop(): void {
    for (const cancel of this.#expiring.values()) cancel()
    this.#expiring.clear()
  }

  [Symbol.iterator](): IterableIterator<Session> {
    return this.#byClient.values()
  }

  #expireAfter(session: Session, delayMs: number): void {
    if (session.expirySeconds === NEVER_EXPIRES) return
    const cancel = afterGrace(this.#clock, delayMs, () => {
      this.#counters.expiredSessions++
      this.end(session)
    })
    this.#expiring.set(session, cancel)
  }

  #cancelExpiry(session: Session): void {
    this.#expiring.get(session)?.()
    this.#expiring.delete(session)
  }
}
