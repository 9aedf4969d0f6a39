// Brings a message to the sessions that have asked for it: at once where the client is there and keeps up;
// otherwise the message waits (`backlog.ts`). This is the hot path: a message is encoded once for each
// version and QoS, however many clients get it; at QoS 1 and 2 even the packet id is shared by all who have
// it free.
//
// Always: at QoS 1 and 2 no message overtakes another: as long as something waits for a session, what comes
// next waits behind it.
// [MQTT-4.6.0-5] [MQTT-4.6.0-6] [v3 MQTT-4.6.0-5] [v3 MQTT-4.6.0-6]

import type { QoS } from '../../model/event.ts'
import type { Counters } from '../bounds/counters.ts'
import type { Limits } from '../bounds/limits.ts'
import type { Encoder, Manner } from '../message/encoder.ts'
import { encodingOf, Encodings } from '../message/encodings.ts'
import type { LiveMessage } from '../message/live-message.ts'
import type { Routing } from '../routing/routing.ts'
import { Flight, packetIdOf } from '../session/inflight.ts'
import type { Owed } from '../session/owed.ts'
import type { Recipient } from '../session/recipient.ts'
import { mayReceive } from '../session/rights.ts'
import type { Session } from '../session/session.ts'
import type { Share } from '../session/share.ts'
import type { Target } from '../session/target.ts'
import type { Output } from '../socket/output.ts'
import type { Copies } from './copies.ts'
import { hasRoom, isHeld } from './window.ts'

export interface DeliveryOptions {
  readonly limits: Limits
  readonly counters: Counters
  readonly output: Output
  readonly encoder: Encoder
  readonly copies: Copies
}

export class Delivery {
  readonly #limits: Limits
  readonly #counters: Counters
  readonly #encoder: Encoder
  readonly #encodings: Encodings
  readonly #copies: Copies
  #delivered = 0

  constructor({ limits, counters, output, encoder, copies }: DeliveryOptions) {
    this.#limits = limits
    this.#counters = counters
    this.#encoder = encoder
    this.#encodings = new Encodings(output, encoder)
    this.#copies = copies
  }

  /**
   * Gives a message to everybody who has asked for it.
   * [MQTT-3.3.2-3] [MQTT-4.5.0-1] [v3 MQTT-3.3.2-3] [v3 MQTT-4.5.0-1]
   */
  deliver(live: LiveMessage, { targets, shares }: Routing): void {
    if (targets.length === 0 && shares.length === 0) return
    this.#encodings.begin()
    this.#delivered = 0
    const { publisher } = live
    for (let index = 0; index < targets.length; index++) {
      let target: Target | null = targets[index]!
      const { session } = target
      if (session === publisher) {
        target = target.own
        if (target === null) continue // [MQTT-3.8.3-3]
      }
      const qos = target.qos < live.qos ? target.qos : live.qos // [MQTT-3.8.4-8] [v3 MQTT-3.8.4-6]
      this.#give(target, qos, live)
    }
    for (let index = 0; index < shares.length; index++) this.#giveToOne(shares[index]!, live)
    this.#count(live)
  }

  #give(target: Target, qos: QoS, live: LiveMessage): void {
    const { session } = target
    const { recipient } = session
    if (qos === 0) {
      if (recipient !== null) this.#sendOnce(recipient, target, live)
    } else if (recipient === null) {
      this.#wait(session, target, qos, live)
    } else {
      this.#sendSurely(recipient, target, qos, live)
    }
  }

  /** Gives a message to a member of the group that is ready, unless others wait for one already. */
  #giveToOne(share: Share, live: LiveMessage): void {
    const { qos, topic } = live
    const target =
      qos > 0 && share.waiting.size > 0
        ? null
        : share.pick(qos, (session, granted) => this.#isReady(session, granted, topic))
    if (target !== null) this.#give(target, target.qos < qos ? target.qos : qos, live)
    else if (qos !== 0 && share.mayWait(topic)) this.#waitForMember(share, qos, live)
    else if (share.members.some(({ session }) => session.recipient !== null)) this.#counters.drop('slow')
  }

  #isReady(session: Session, qos: QoS, topic: string): boolean {
    const { recipient } = session
    if (recipient === null || !mayReceive(session.pass, topic)) return false
    if (qos === 0) return recipient.outlet.hasRoom(this.#limits.outputBytes)
    return session.waiting.size === 0 && hasRoom(recipient, session, this.#limits)
  }

  #waitForMember(share: Share, qos: 1 | 2, live: LiveMessage): void {
    const { queueMessages, queueBytes } = this.#limits
    const owed: Owed = {
      message: live.copy(),
      event: share.owes ? live.event : 0,
      qos,
      retain: live.retain,
      identifiers: [],
      via: share,
    }
    if (!share.queue(owed, queueMessages, queueBytes)) this.#counters.drop('queue-full')
  }

  #count({ draft: { payloadStart, payloadEnd } }: LiveMessage): void {
    this.#counters.publishesSent += this.#delivered
    this.#counters.packetsSent += this.#delivered
    this.#counters.publishBytesSent += this.#delivered * (payloadEnd - payloadStart)
  }

  #sendOnce(recipient: Recipient, target: Target, live: LiveMessage): void {
    const { outlet } = recipient
    if (!outlet.hasRoom(this.#limits.outputBytes)) return this.#counters.drop('slow')
    const { version } = recipient
    if ((version === 5 || live.retain) && isSpecial(recipient, target, live)) {
      const encoder = this.#encoder
      encoder.encodeFor(recipient, live, 0, 0, mannerOf(target, live))
      return this.#append(recipient, encoder.start, encoder.end)
    }
    const encodings = this.#encodings
    const encoding = encodingOf(version, 0)
    if (!encodings.find(encoding)) encodings.make(encoding, live, version, 0, 0)
    this.#append(recipient, encodings.start, encodings.end)
  }

  #sendSurely(recipient: Recipient, target: Target, qos: 1 | 2, live: LiveMessage): void {
    const { session } = target
    const { inflight } = session
    if (session.waiting.size > 0 || !hasRoom(recipient, session, this.#limits)) {
      return this.#wait(session, target, qos, live)
    }
    if (isHeld(session, qos, target.via)) {
      return this.#copies.beginHeld(recipient, session, owedOf(target, qos, live))
    }
    const { version } = recipient
    const encodings = this.#encodings
    const encoding = encodingOf(version, qos)
    const special = (version === 5 || live.retain) && isSpecial(recipient, target, live)
    let id = encodings.idOf(encoding)
    const fits =
      inflight.state(id) === Flight.free && (session.journal === null || id === packetIdOf(live.event))
    if (special || !fits || !encodings.find(encoding)) {
      id = session.journal === null ? inflight.nextId() : inflight.idFor(live.event)
      if (special) this.#encoder.encodeFor(recipient, live, qos, id, mannerOf(target, live))
      else encodings.make(encoding, live, version, qos, id)
    }
    const { start, end } = special ? this.#encoder : encodings
    if (end - start > recipient.maximumPacketSize) return this.#counters.drop('too-large') // [MQTT-3.1.2-25]
    const kept = session.outlives || target.via !== null
    session.sent(id, qos, kept ? owedOf(target, qos, live) : null)
    this.#append(recipient, start, end)
  }

  #append(recipient: Recipient, start: number, end: number): void {
    // [MQTT-3.1.2-24] [MQTT-3.1.2-25]
    if (end - start > recipient.maximumPacketSize) return this.#counters.drop('too-large')
    recipient.outlet.append(start, end)
    this.#delivered++
  }

  #wait(session: Session, target: Target, qos: 1 | 2, live: LiveMessage): void {
    // [v3 MQTT-3.1.2-5]
    const { queueMessages, queueBytes } = this.#limits
    const taken = session.queue(owedOf(target, qos, live), queueMessages, queueBytes)
    if (!taken) this.#counters.drop('queue-full')
  }
}

/**
 * Whether this client's copy differs from everybody's. Before 5.0 only a bridge's may: it is told what was
 * published as retained.
 */
const isSpecial = ({ sentAliases, signedBy }: Recipient, target: Target, live: LiveMessage): boolean =>
  sentAliases !== null ||
  signedBy !== null ||
  target.identifiers.length > 0 ||
  (live.retain && target.retainAsPublished)

// [MQTT-3.3.1-12] [MQTT-3.3.1-13]
const mannerOf = ({ retainAsPublished, identifiers }: Target, { retain }: LiveMessage): Manner => ({
  dup: false, // [MQTT-3.3.1-3] [v3 MQTT-3.3.1-3]
  retain: retain && retainAsPublished,
  identifiers,
})

const owedOf = ({ retainAsPublished, identifiers, via }: Target, qos: 1 | 2, live: LiveMessage): Owed => ({
  message: live.copy(),
  event: via === null || via.owes ? live.event : 0,
  qos,
  retain: live.retain && retainAsPublished,
  identifiers,
  via,
})
