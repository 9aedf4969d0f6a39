// Brings a message to the sessions that have asked for it: at once where the client is there and keeps up; else it waits (`backlog.ts`).
// This is the hot path: a message is encoded once for each version and QoS, however many get it; at QoS 1 and 2 even the packet id is
// shared by all who have it free.
//
// Always: at QoS 1 and 2 nobody is overtaken: as long as something waits for a session, what comes next waits behind it.
// [MQTT-4.6.0-5] [MQTT-4.6.0-6] [v3 MQTT-4.6.0-5] [v3 MQTT-4.6.0-6]

import type { Clock } from '../base/clock.ts'
import type { QoS } from '../model/event.ts'
import type { Backlog } from './backlog.ts'
import type { Connection } from './connection.ts'
import type { Counters } from './counters.ts'
import type { Encoder, Manner } from './encoder.ts'
import { encodingOf, Encodings } from './encodings.ts'
import { Flight } from './inflight.ts'
import type { Limits } from './limits.ts'
import type { Owed } from './message.ts'
import type { Output } from './output.ts'
import { Passage } from './passage.ts'
import { mayReceive } from './passes.ts'
import type { Routing, Target } from './routing.ts'
import type { Session } from './session.ts'
import { Placed, type Share } from './share.ts'
import { hasRoom, isHeld } from './window.ts'

export interface DeliveryOptions {
  readonly clock: Clock
  readonly limits: Limits
  readonly counters: Counters
  readonly output: Output
  readonly encoder: Encoder
  readonly backlog: Backlog
}

export class Delivery {
  readonly #clock: Clock
  readonly #limits: Limits
  readonly #counters: Counters
  readonly #encoder: Encoder
  readonly #encodings: Encodings
  readonly #backlog: Backlog
  /** For messages that move on. */
  readonly #moving = new Passage()
  #delivered = 0

  constructor({ clock, limits, counters, output, encoder, backlog }: DeliveryOptions) {
    this.#clock = clock
    this.#limits = limits
    this.#counters = counters
    this.#encoder = encoder
    this.#encodings = new Encodings(output, encoder)
    this.#backlog = backlog
  }

  /** Gives a message to everybody who has asked for it. // [MQTT-3.3.2-3] [MQTT-4.5.0-1] [v3 MQTT-3.3.2-3] [v3 MQTT-4.5.0-1] */
  deliver(passage: Passage, { targets, shares }: Routing): void {
    if (targets.length === 0 && shares.length === 0) return
    this.#encodings.begin()
    this.#delivered = 0
    const { publisher } = passage
    for (let index = 0; index < targets.length; index++) {
      let target: Target | null = targets[index]!
      const { session } = target
      if (session === publisher) {
        target = target.own
        if (target === null) continue // [MQTT-3.8.3-3]
      }
      const qos = target.qos < passage.qos ? target.qos : passage.qos // [MQTT-3.8.4-8] [v3 MQTT-3.8.4-6]
      this.#give(target, qos, passage)
    }
    for (let index = 0; index < shares.length; index++) this.#giveToOne(shares[index]!, passage)
    this.#count(passage)
  }

  /**
   * A member of shared subscriptions has gone: what it was to get goes to the others. What it was sent at QoS 2 never does,
   * and what it was sent at QoS 1 only when its session has ended. // [MQTT-4.8.2-4] [MQTT-4.8.2-5]
   */
  moveOn(session: Session): void {
    const moving = session.waiting.take(({ share }) => share !== null)
    if (session.ended) moving.unshift(...session.inflight.unacknowledged())
    const now = this.#clock.now()
    for (const { message, event, share } of moving) {
      if (message.expiresAt <= now) {
        this.#counters.drop('expired') // [MQTT-3.3.2-5]
        continue
      }
      this.#encodings.begin()
      this.#delivered = 0
      this.#moving.fill(message, now)
      this.#moving.event = event
      this.#giveToOne(share!, this.#moving)
      this.#count(this.#moving)
    }
  }

  #give(target: Target, qos: QoS, passage: Passage): void {
    const { session } = target
    const { connection } = session
    if (qos === 0) {
      if (connection !== null) this.#sendOnce(connection, target, passage)
    } else if (connection === null) {
      this.#wait(session, target, qos, passage)
    } else {
      this.#sendSurely(connection, target, qos, passage)
    }
  }

  #giveToOne(share: Share, passage: Passage): void {
    const target = share.pick(passage.qos, ({ session }, qos) => this.#placeOf(session, qos, passage))
    if (target !== null) this.#give(target, target.qos < passage.qos ? target.qos : passage.qos, passage)
  }

  #placeOf(session: Session, qos: QoS, { topic }: Passage): Placed {
    const { connection } = session
    if (!mayReceive(session.pass, topic)) return Placed.never
    if (connection === null) return qos === 0 ? Placed.never : Placed.away
    const ready =
      qos === 0
        ? connection.outlet.hasRoom(this.#limits.outputBytes)
        : session.waiting.size === 0 && hasRoom(connection, session)
    return ready ? Placed.now : Placed.behind
  }

  #count({ draft: { payloadStart, payloadEnd } }: Passage): void {
    this.#counters.publishesSent += this.#delivered
    this.#counters.packetsSent += this.#delivered
    this.#counters.publishBytesSent += this.#delivered * (payloadEnd - payloadStart)
  }

  #sendOnce(connection: Connection, target: Target, passage: Passage): void {
    const { outlet } = connection
    if (!outlet.hasRoom(this.#limits.outputBytes)) return this.#counters.drop('slow')
    const { version } = connection
    if (version === 5 && isSpecial(connection, target, passage)) {
      const encoder = this.#encoder
      encoder.encodeFor(connection, passage, 0, 0, mannerOf(target, passage))
      return this.#append(connection, encoder.start, encoder.end)
    }
    const encodings = this.#encodings
    const encoding = encodingOf(version, 0)
    if (!encodings.find(encoding)) encodings.make(encoding, passage, version, 0, 0)
    this.#append(connection, encodings.start, encodings.end)
  }

  #sendSurely(connection: Connection, target: Target, qos: 1 | 2, passage: Passage): void {
    const { session } = target
    const { inflight } = session
    if (session.waiting.size > 0 || !hasRoom(connection, session)) {
      return this.#wait(session, target, qos, passage)
    }
    if (isHeld(session, qos)) {
      return this.#backlog.sendKept(connection, session, owedOf(target, qos, passage))
    }
    const { version } = connection
    const encodings = this.#encodings
    const encoding = encodingOf(version, qos)
    const special = version === 5 && isSpecial(connection, target, passage)
    let id = encodings.idOf(encoding)
    if (special) {
      id = inflight.nextId()
      this.#encoder.encodeFor(connection, passage, qos, id, mannerOf(target, passage))
    } else if (inflight.state(id) !== Flight.free || !encodings.find(encoding)) {
      id = inflight.nextId()
      encodings.make(encoding, passage, version, qos, id)
    }
    const { start, end } = special ? this.#encoder : encodings
    if (end - start > connection.maximumPacketSize) return this.#counters.drop('too-large') // [MQTT-3.1.2-25]
    const kept = session.outlives || target.share !== null
    session.sent(id, qos, kept ? owedOf(target, qos, passage) : null)
    this.#append(connection, start, end)
  }

  #append(connection: Connection, start: number, end: number): void {
    // [MQTT-3.1.2-24] [MQTT-3.1.2-25]
    if (end - start > connection.maximumPacketSize) return this.#counters.drop('too-large')
    connection.outlet.append(start, end)
    this.#delivered++
  }

  #wait(session: Session, target: Target, qos: 1 | 2, passage: Passage): void {
    // [v3 MQTT-3.1.2-5]
    const { queueMessages, queueBytes } = this.#limits
    const taken = session.queue(owedOf(target, qos, passage), queueMessages, queueBytes)
    if (!taken) this.#counters.drop('queue-full')
  }
}

/** Whether this client's copy differs from everybody's. */
const isSpecial = ({ sentAliases }: Connection, target: Target, passage: Passage): boolean =>
  sentAliases !== null || target.identifiers.length > 0 || (passage.retain && target.retainAsPublished)

// [MQTT-3.3.1-12] [MQTT-3.3.1-13]
const mannerOf = ({ retainAsPublished, identifiers }: Target, { retain }: Passage): Manner => ({
  dup: false, // [MQTT-3.3.1-3] [v3 MQTT-3.3.1-3]
  retain: retain && retainAsPublished,
  identifiers,
})

const owedOf = ({ retainAsPublished, identifiers, share }: Target, qos: 1 | 2, passage: Passage): Owed => ({
  message: passage.keep(),
  event: passage.event,
  qos,
  retain: passage.retain && retainAsPublished,
  identifiers,
  share,
})
