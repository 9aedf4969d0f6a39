// Sends one recipient its own copy of a message that had to wait: a resend, what has gathered for it, a
// retained message.

import type { Clock } from '../../base/clock.ts'
import type { QoS } from '../../model/event.ts'
import { LARGEST_PACKET } from '../../mqtt/fixed-header.ts'
import type { Counters } from '../bounds/counters.ts'
import type { Encoder } from '../message/encoder.ts'
import { LiveMessage } from '../message/live-message.ts'
import { Flight } from '../session/inflight.ts'
import type { Owed } from '../session/owed.ts'
import type { Recipient } from '../session/recipient.ts'
import type { Session } from '../session/session.ts'
import type { SessionJournal } from '../session/session-journal.ts'
import { isHeld } from './window.ts'

export type Copy = Omit<Owed, 'qos'> & { readonly qos: QoS }

export interface CopiesOptions {
  /** By which messages expire. */
  readonly clock: Pick<Clock, 'now'>
  readonly counters: Counters
  readonly encoder: Encoder
  readonly journal: SessionJournal
}

export class Copies {
  readonly #clock: Pick<Clock, 'now'>
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

  /**
   * Sends a copy under a packet id that is taken already, or none. Returns whether the client takes packets
   * so large.
   */
  send(recipient: Recipient, copy: Copy, dup: boolean, id: number): boolean {
    if (!this.#encode(recipient, copy, dup, id)) return false
    const { start, end } = this.#encoder
    recipient.outlet.append(start, end)
    this.#counters.publishesSent++
    this.#counters.packetsSent++
    this.#counters.publishBytesSent += copy.message.payload.length
    return true
  }

  /** Sends a message under a free packet id, for the first time as far as anybody knows. */
  begin(recipient: Recipient, session: Session, owed: Owed): void {
    const { qos, via } = owed
    if (isHeld(session, qos, via)) return this.beginHeld(recipient, session, owed)
    const id = idFor(session, owed)
    if (this.send(recipient, owed, isCopy(session, owed), id)) {
      session.sent(id, qos, session.outlives || via?.isShared === true ? owed : null)
    } else via?.dropped(owed)
  }

  /**
   * Sends a message once its packet id is committed, so that QoS 2 goes on under the same id after a crash.
   * [MQTT-4.4.0-1]
   */
  beginHeld(recipient: Recipient, session: Session, owed: Owed): void {
    if (!this.#fits(recipient, owed)) return owed.via?.dropped(owed)
    const id = idFor(session, owed)
    session.sent(id, owed.qos, owed)
    session.holdUntilCommitted(this.#journal, () => {
      if (session.recipient !== recipient || session.inflight.state(id) === Flight.free) return
      if (this.send(recipient, owed, false, id)) return
      session.acknowledged(id)
      recipient.onRoom()
    })
  }

  /** Where an alias may make the packet shorter, its size is known only when it leaves. */
  #fits(recipient: Recipient, copy: Copy): boolean {
    if (recipient.maximumPacketSize === LARGEST_PACKET || recipient.sentAliases !== null) return true
    return this.#encode(recipient, copy, false, 1)
  }

  #encode(recipient: Recipient, copy: Copy, dup: boolean, id: number): boolean {
    const { message, qos, retain, identifiers } = copy
    const encoder = this.#encoder
    this.#live.fill(message, this.#clock.now())
    this.#live.event = copy.event
    encoder.encodeFor(recipient, this.#live, qos, id, { dup, retain, identifiers })
    if (encoder.end - encoder.start <= recipient.maximumPacketSize) return true
    this.#counters.drop('too-large') // [MQTT-3.1.2-25]
    return false
  }
}

/**
 * Whether an earlier run of the hub may have sent the message. At QoS 2 that would be known.
 * [MQTT-3.3.1-1]
 */
const isCopy = ({ resentUpTo }: Session, { event, qos, via }: Owed): boolean => {
  if (qos === 2) return false
  return via === null ? event > 0 && event <= resentUpTo : via.mayRepeat
}

const idFor = ({ inflight, journal }: Session, { event }: Owed): number =>
  journal === null ? inflight.nextId() : inflight.idFor(event)
