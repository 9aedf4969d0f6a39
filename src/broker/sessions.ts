// The sessions by client id: opened by CONNECT, taken over by a second connection, ended with their connection or when they expire.

import type { Connection } from './connection.ts'
import type { Hub } from './hub.ts'
import { announceOffline, type Departure } from './presence.ts'
import { NEVER_EXPIRES, Session, type Subscription } from './session.ts'
import { dropWill, publishWill, releaseWill } from './wills.ts'

export class Sessions {
  readonly #byClient = new Map<string, Session>()

  get size(): number {
    return this.#byClient.size
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
    if (session?.connection) {
      hub.counters.takeovers++
      session.connection.takeOver() // [MQTT-3.1.4-3] [v3 MQTT-3.1.4-2]
      session = this.#byClient.get(clientId) // it may have ended with its connection
    }
    // [MQTT-3.1.2-4] [MQTT-3.1.2-5] [MQTT-3.1.2-6] [v3 MQTT-3.1.2-6] [MQTT-3.1.4-4] [v3 MQTT-3.1.2-4] [v3 MQTT-3.1.4-3]
    if (session !== undefined && clean) {
      this.end(hub, session)
      session = undefined
    }
    const present = session !== undefined
    if (session === undefined) {
      session = new Session(clientId)
      this.#byClient.set(clientId, session)
    }
    session.cancelExpiry?.()
    session.cancelExpiry = null
    dropWill(session) // [MQTT-3.1.3-9]: back before the delay is over
    session.connection = connection
    return { session, present }
  }

  /** The connection has ended. What becomes of the will and of the session depends on how. */
  leave(hub: Hub, connection: Connection, session: Session, departure: Departure): void {
    session.connection = null
    if (departure === 'clean') dropWill(session) // [MQTT-3.14.4-3] [v3 MQTT-3.14.4-3]
    if (session.outlives) {
      // [MQTT-4.1.0-1] [v3 MQTT-4.1.0-1] [v3 MQTT-4.1.0-2]
      releaseWill(hub, session)
      this.#expireLater(hub, session)
      hub.delivery.moveOn(session)
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
    for (const subscription of session.subscriptions.values()) hub.routes.remove(subscription)
    session.subscriptions.clear()
    if (this.#byClient.get(session.clientId) === session) this.#byClient.delete(session.clientId)
    session.ended = true
    hub.delivery.moveOn(session)
    publishWill(hub, session)
  }

  /** How long the session is kept changes what is owed to it. */
  setExpiry(hub: Hub, session: Session, seconds: number): void {
    const outlived = session.outlives
    session.expirySeconds = seconds
    if (session.outlives !== outlived && session.subscriptions.size > 0) hub.routes.refresh()
  }

  subscribe(hub: Hub, subscription: Subscription): boolean {
    subscription.session.subscriptions.set(subscription.filter, subscription)
    return hub.routes.add(subscription)
  }

  unsubscribe(hub: Hub, session: Session, filter: string): boolean {
    const subscription = session.subscriptions.get(filter)
    if (subscription === undefined) return false
    session.subscriptions.delete(filter)
    hub.routes.remove(subscription)
    return true
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

  #expireLater(hub: Hub, session: Session): void {
    if (session.expirySeconds === NEVER_EXPIRES) return
    session.cancelExpiry = hub.clock.after(session.expirySeconds * 1_000, () => {
      hub.counters.expiredSessions++
      this.end(hub, session)
    })
  }
}
