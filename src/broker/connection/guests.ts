// Clients for which a gateway speaks MQTT (`model/gate.ts`): connections like all others, whose messages of
// QoS 1 and 2 the gateway can hold back while the client sleeps.

import type { Door } from '../../model/access.ts'
import type { Gate, Guest, GuestArrival, GuestWill } from '../../model/gate.ts'
import { ReasonCode } from '../../mqtt/reason-codes.ts'
import { mayPublish } from '../routing/may-publish.ts'
import type { Arrival, Connection } from './connection.ts'
import type { Hub } from './hub.ts'

/** Messages of QoS 1 and 2 under way to one guest: datagrams overtake each other, messages must not. */
const WINDOW = 1

export interface GuestsOptions {
  readonly hub: Hub
  readonly door: Door | null
  readonly accept: (arrival: Arrival) => Connection
}

export const gateOf = ({ hub, door, accept }: GuestsOptions): Gate => ({
  packetBytes: hub.limits.packetBytes,
  accept({ socket, address, protocol, user, onIdle }: GuestArrival): Guest {
    const connection = accept({
      socket,
      address,
      door,
      guest: { protocol, onIdle },
      ...(user !== undefined && { certificateName: user }),
    })
    return guestOf(hub, connection)
  },
  isUsable: () => hub.eventLog.trouble === null,
  drop: (reason) => hub.counters.drop(reason),
})

const guestOf = (hub: Hub, connection: Connection): Guest => ({
  sleep(state) {
    const { session } = connection
    if (session === null) return
    connection.window = 0
    if (state !== null) hub.presence.turned(connection, session, state)
  },
  wake(state) {
    const { session } = connection
    if (session === null) return
    connection.window = WINDOW
    if (state !== null) hub.presence.turned(connection, session, state)
    connection.onRoom()
  },
  get isOwed() {
    return connection.session?.isOwed ?? false
  },
  get isNewSession() {
    return connection.hasNewSession
  },
  setWill(will, done) {
    const { session } = connection
    if (session === null || connection.closed) return done(false)
    if (will !== null && !mayPublish(session.pass, hub.routes.of(will.topic))) return done(false)
    if (will === null) hub.wills.drop(session)
    else hub.wills.take(session, will satisfies GuestWill)
    hub.journal.whenCommitted(session.mark, () => done(true))
  },
  forgetLater() {
    const { session } = connection
    if (session === null) return () => {}
    const { taken } = session
    return () => {
      if (session.holder === null && session.taken === taken && !session.ended) hub.sessions.end(session)
    }
  },
  close(departure, isForgotten = false) {
    const { session } = connection
    if (isForgotten && session !== null) hub.sessions.setExpiry(session, 0)
    connection.close(departure, ReasonCode.NormalDisconnection)
  },
})
