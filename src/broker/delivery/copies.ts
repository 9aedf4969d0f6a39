// Sends one client its own copy of a message that had to wait: a resend, what has gathered for it, a retained message.

import type { Clock } from '../../base/clock.ts'
import type { QoS } from '../../model/event.ts'
import type { Connection } from '../connection/connection.ts'
import type { Counters } from '../bounds/counters.ts'
import type { Encoder } from '../message/encoder.ts'
import { Flight } from '../session/inflight.ts'
import type { SessionJournal } from '../session/session-journal.ts'
import type { Owed } from '../message/message.ts'
import { LiveMessage } from '../message/live-message.ts'
import type { Session } from '../session/session.ts'
import { isHeld } from './window.ts'

export type Copy = Omit<Owed, 'qos'> & { readonly qos: QoS }

export interface CopiesOptions {
  readonly clock: Clock
  readonly counters: Counters
  readonly encoder: Encoder
  readonly journal: SessionJournal
}

export class Copies {
  readonly #clock: Clock
  readonly #counters: Counters
  readonly #encoder: Encoder
  readonly #journal: SessionJournal
  readonly #live = new LiveMessage()

  constructor({ clock, counters, encoder, journal }: CopiesOptions) {
    this.#clock = clock
    this.#counters = counters
    this.#encoder = encoder
    this.#journal = journal
  }

  /** Under a packet id that is taken already, or none. Returns whether the client takes packets of this size. */
  send(connection: Connection, copy: Copy, dup: boolean, id: number): boolean {
    if (!this.#encode(connection, copy, dup, id)) return false
    const { start, end } = this.#encoder
    connection.outlet.append(start, end)
    this.#counters.publishesSent++
    this.#counters.packetsSent++
    this.#counters.publishBytesSent += copy.message.payload.length
    return true
  }

  /** Under a packet id that is free, for the first time as far as anybody knows. */
  begin(connection: Connection, session: Session, owed: Owed): void {
    const { qos, share } = owed
    if (isHeld(session, qos, share)) return this.beginHeld(connection, session, owed)
    const id = idFor(session, owed)
    if (this.send(connection, owed, isCopy(session, owed), id)) {
      session.sent(id, qos, session.outlives || share !== null ? owed : null)
    } else share?.forget(owed.event)
  }

  /** A QoS 2 message leaves when its packet id is kept, so that it goes on under the same one after a crash. // [MQTT-4.4.0-1] */
  beginHeld(connection: Connection, session: Session, owed: Owed): void {
    if (!this.#fits(connection, owed)) return owed.share?.forget(owed.event)
    const id = idFor(session, owed)
    session.sent(id, owed.qos, owed)
    session.held++
    this.#journal.whenCommitted(session.mark, () => {
      session.held--
      if (session.connection !== connection || session.inflight.state(id) === Flight.free) return
      if (this.send(connection, owed, false, id)) return
      session.acknowledged(id)
      connection.hub.backlog.resume(connection, session)
    })
  }

  /** Where an alias may make the packet shorter, its size is only known when it leaves. */
  #fits(connection: Connection, copy: Copy): boolean {
    if (connection.maximumPacketSize === Infinity || connection.sentAliases !== null) return true
    return this.#encode(connection, copy, false, 1)
  }

  #encode(connection: Connection, copy: Copy, dup: boolean, id: number): boolean {
    const { message, qos, retain, identifiers } = copy
    const encoder = this.#encoder
    this.#live.fill(message, this.#clock.now())
    encoder.encodeFor(connection, this.#live, qos, id, { dup, retain, identifiers })
    if (encoder.end - encoder.start <= connection.maximumPacketSize) return true
    this.#counters.drop('too-large') // [MQTT-3.1.2-25]
    return false
  }
}

/** Whether it may have been sent before the hub last stopped. At QoS 2 that would be known. // [MQTT-3.3.1-1] */
const isCopy = ({ resentUpTo }: Session, { event, qos, share, feed }: Owed): boolean => {
  if (qos === 2 || share !== null) return false
  return feed === null ? event > 0 && event <= resentUpTo : feed.givenBefore !== null
}

const idFor = ({ inflight, journal }: Session, { event }: Owed): number =>
  journal === null ? inflight.nextId() : inflight.idFor(event)
