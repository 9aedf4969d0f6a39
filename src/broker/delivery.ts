// Brings messages to sessions: at once where the client is there and keeps up, later where not. A message is encoded once for
// each version and QoS, however many get it; at QoS 1 and 2 even the packet id is shared by all who have it free.
//
// Always: at QoS 1 and 2 nobody is overtaken: as long as something waits for a session, what comes next waits behind it.
// [MQTT-4.6.0-5] [MQTT-4.6.0-6] [v3 MQTT-4.6.0-5] [v3 MQTT-4.6.0-6]

import type { Clock } from '../base/clock.ts'
import type { QoS } from '../model/event.ts'
import { FirstByte } from '../mqtt/fixed-header.ts'
import type { ProtocolVersion } from '../mqtt/protocol.ts'
import { ReasonCode } from '../mqtt/reason-codes.ts'
import type { Connection } from './connection.ts'
import type { Counters } from './counters.ts'
import { Encoder, type Manner, PLAIN } from './encoder.ts'
import { Flight } from './inflight.ts'
import type { Keeper } from './keeper.ts'
import type { Limits } from './limits.ts'
import type { Message, Owed } from './message.ts'
import type { Output } from './output.ts'
import { Passage } from './passage.ts'
import { mayReceive } from './passes.ts'
import type { RetainedMessages } from './retained.ts'
import type { Routing, Target } from './routing.ts'
import type { Session, Subscription } from './session.ts'
import { Placed, type Share } from './share.ts'

/** Retained messages that a client has asked for by subscribing, and gets as its socket takes them. */
export interface Feed {
  readonly subscription: Subscription
  readonly messages: Iterator<Message>
}

export interface DeliveryOptions {
  readonly clock: Clock
  readonly limits: Limits
  readonly counters: Counters
  readonly output: Output
  readonly retained: RetainedMessages
  readonly keeper: Keeper
  /** What is to be sent of events that a session was owed when the hub last stopped. */
  readonly load: (session: Session, events: readonly number[]) => Promise<Owed[]>
}

/** Encodings of the message under way are numbered by version and QoS. */
const VERSION_5 = 3
const ENCODINGS = 6

/** So many messages of the time before the start are fetched at once. */
const PAGE = 200

export class Delivery {
  readonly #clock: Clock
  readonly #limits: Limits
  readonly #counters: Counters
  readonly #output: Output
  readonly #retained: RetainedMessages
  readonly #keeper: Keeper
  readonly #load: DeliveryOptions['load']
  readonly #encoder: Encoder
  /** For messages that waited. */
  readonly #late = new Passage()

  // The encodings of the message under way: an entry is good if its stamp is the present one.
  readonly #starts = new Int32Array(ENCODINGS)
  readonly #ends = new Int32Array(ENCODINGS)
  readonly #ids = new Int32Array(ENCODINGS)
  readonly #stamps = new Float64Array(ENCODINGS)
  #stamp = 0
  #generation = 0
  #delivered = 0

  constructor({ clock, limits, counters, output, retained, keeper, load }: DeliveryOptions) {
    this.#clock = clock
    this.#limits = limits
    this.#counters = counters
    this.#output = output
    this.#retained = retained
    this.#keeper = keeper
    this.#load = load
    this.#encoder = new Encoder(output)
  }

  /** Gives a message to everybody who has asked for it. // [MQTT-3.3.2-3] [MQTT-4.5.0-1] [v3 MQTT-3.3.2-3] [v3 MQTT-4.5.0-1] */
  deliver(passage: Passage, { targets, shares }: Routing): void {
    if (targets.length === 0 && shares.length === 0) return
    this.#stamp++
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
      this.#stamp++
      this.#delivered = 0
      this.#late.fill(message, now)
      this.#late.event = event
      this.#giveToOne(share!, this.#late)
      this.#count(this.#late)
    }
  }

  /** A session has got its connection: first again what was under way, then what has waited. */
  takeUp(connection: Connection, session: Session): void {
    connection.resends.push(...session.inflight.kept())
    this.resume(connection, session)
  }

  /** There may be room again: in the client's window, or in its socket. */
  resume(connection: Connection, session: Session): void {
    if (session.waiting.size > 0 || connection.resends.length > 0) this.#sendWaiting(connection, session)
    if (connection.feeds.length > 0) this.#sendFeeds(connection, session)
  }

  /**
   * Sends what is retained under a new subscription, in pieces that the client's socket can take.
   * [MQTT-3.8.4-4] [v3 MQTT-3.3.1-6] [v3 MQTT-3.3.1-8]
   */
  sendRetained(connection: Connection, subscription: Subscription): void {
    const messages = this.#retained.match(subscription.filter, this.#clock.now())
    const { feeds } = connection
    // What an earlier subscription to the same filter has yet to send is sent by this one anyway.
    const same = feeds.findIndex((feed) => feed.subscription.filter === subscription.filter)
    if (same !== -1) feeds.splice(same, 1)
    feeds.push({ subscription, messages })
    this.resume(connection, subscription.session)
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
        : session.waiting.size === 0 && this.#hasRoom(connection, session)
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
      this.#encodeFor(connection, passage, 0, 0, mannerOf(target, passage))
      return this.#append(connection, this.#encoder.start, this.#encoder.end)
    }
    const encoding = version === 5 ? VERSION_5 : 0
    if (!this.#isEncoded(encoding)) this.#encode(encoding, passage, version, 0, 0)
    this.#append(connection, this.#starts[encoding]!, this.#ends[encoding]!)
  }

  #sendSurely(connection: Connection, target: Target, qos: 1 | 2, passage: Passage): void {
    const { session } = target
    const { inflight } = session
    if (session.waiting.size > 0 || !this.#hasRoom(connection, session)) {
      return this.#wait(session, target, qos, passage)
    }
    if (isHeld(session, qos)) {
      return this.#sendKept(connection, session, owedOf(target, qos, passage))
    }
    const { version } = connection
    const encoding = (version === 5 ? VERSION_5 : 0) + qos
    const special = version === 5 && isSpecial(connection, target, passage)
    let id = this.#ids[encoding]!
    let start: number
    let end: number
    if (!special && this.#isEncoded(encoding) && inflight.state(id) === Flight.free) {
      start = this.#starts[encoding]!
      end = this.#ends[encoding]!
    } else {
      id = inflight.nextId()
      if (special) this.#encodeFor(connection, passage, qos, id, mannerOf(target, passage))
      else this.#encode(encoding, passage, version, qos, id)
      start = this.#encoder.start
      end = this.#encoder.end
    }
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

  #isEncoded(encoding: number): boolean {
    if (this.#generation !== this.#output.generation) {
      this.#generation = this.#output.generation
      this.#stamp++
    }
    return this.#stamps[encoding] === this.#stamp
  }

  #encode(encoding: number, passage: Passage, version: ProtocolVersion, qos: QoS, id: number): void {
    this.#encoder.encode(passage, version, qos, id, PLAIN) // [MQTT-3.3.1-12] [v3 MQTT-3.3.1-9]: RETAIN is 0
    this.#isEncoded(encoding) // the slab may have been emptied to make room
    this.#starts[encoding] = this.#encoder.start
    this.#ends[encoding] = this.#encoder.end
    this.#ids[encoding] = id
    this.#stamps[encoding] = this.#stamp
  }

  /** For one client alone, whose aliases it may use. */
  #encodeFor(connection: Connection, passage: Passage, qos: QoS, id: number, manner: Manner): void {
    const { sentAliases, version, maximumPacketSize } = connection
    const encoder = this.#encoder
    const { topic, draft } = passage
    const alias = sentAliases === null ? 0 : sentAliases.of(topic, draft.topicEnd - draft.topicStart)
    encoder.encode(passage, version, qos, id, manner, alias)
    if (alias >= 0) return
    // Telling the alias makes the packet longer.
    if (encoder.end - encoder.start <= maximumPacketSize) sentAliases!.learn(topic)
    else encoder.encode(passage, version, qos, id, manner)
  }

  // ── what waited ────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Messages whose resend waits for room count as under way, but take none of it.
   * [MQTT-3.3.4-10] [MQTT-4.9.0-2] [MQTT-4.9.0-3]
   */
  #hasRoom(connection: Connection, session: Session): boolean {
    return (
      session.inflight.size - connection.resends.length < connection.window &&
      connection.outlet.hasRoom(this.#limits.outputBytes)
    )
  }

  #sendWaiting(connection: Connection, session: Session): void {
    const { resends } = connection
    const { waiting, inflight } = session
    while (resends.length > 0) {
      const [id, owed] = resends[0]!
      if (owed !== null && !this.#hasRoom(connection, session)) return
      resends.shift()
      // [MQTT-3.3.1-1] [MQTT-4.4.0-1] [MQTT-4.6.0-1] [v3 MQTT-3.3.1-1] [v3 MQTT-4.4.0-1] [v3 MQTT-4.6.0-1] [MQTT-4.3.3-7]
      if (owed === null) connection.answer(FirstByte.pubrel, ReasonCode.Success, id)
      else if (!this.#sendLate(connection, owed, true, id)) session.settled(id)
    }
    const now = this.#clock.now()
    for (
      let owed = waiting.peek();
      owed !== undefined && this.#hasRoom(connection, session);
      owed = waiting.peek()
    ) {
      waiting.shift()
      if (owed.message.expiresAt <= now) {
        this.#counters.drop('expired') // [MQTT-3.3.2-5]
        continue
      }
      if (!mayReceive(session.pass, owed.message.topic)) {
        this.#counters.drop('denied')
        continue
      }
      if (isHeld(session, owed.qos)) {
        this.#sendKept(connection, session, owed)
        continue
      }
      const id = inflight.nextId()
      // [MQTT-3.3.1-1] what was sent before the hub last stopped, under an identifier that is not known any more
      const dup = owed.event > 0 && owed.event <= session.resentUpTo
      if (this.#sendLate(connection, owed, dup, id)) {
        session.sent(id, owed.qos, session.outlives || owed.share !== null ? owed : null)
      }
    }
    if (waiting.size > 0 && this.#hasRoom(connection, session)) this.#fetch(session)
  }

  /** A QoS 2 message leaves when its packet id is kept, so that it goes on under the same one after a crash. // [MQTT-4.4.0-1] */
  #sendKept(connection: Connection, session: Session, owed: Owed): void {
    if (connection.maximumPacketSize < Infinity && connection.sentAliases === null) {
      const { message, qos, retain, identifiers } = owed
      this.#late.fill(message, this.#clock.now())
      this.#encodeFor(connection, this.#late, qos, 1, { dup: false, retain, identifiers })
      const { start, end } = this.#encoder
      if (end - start > connection.maximumPacketSize) return this.#counters.drop('too-large') // [MQTT-3.1.2-25]
    }
    const id = session.inflight.nextId()
    session.sent(id, owed.qos, owed)
    session.held++
    this.#keeper.whenKept(session.mark, () => {
      session.held--
      if (session.connection !== connection || session.inflight.state(id) === Flight.free) return
      if (this.#sendLate(connection, owed, false, id)) return
      session.settled(id)
      this.resume(connection, session)
    })
  }

  /** The next page of what waited when the hub started. */
  #fetch(session: Session): void {
    const ids = session.waiting.nextStored(PAGE)
    if (ids.length === 0 || session.isFetching) return
    session.isFetching = true
    void this.#fetchPage(session, ids)
  }

  async #fetchPage(session: Session, ids: readonly number[]): Promise<void> {
    try {
      const owed = await this.#load(session, ids)
      session.waiting.fetched(ids.length, owed)
      session.keeper?.settled(session)
    } catch (error) {
      return session.connection?.giveUp(error)
    } finally {
      session.isFetching = false
    }
    if (session.connection !== null) this.resume(session.connection, session)
  }

  #sendFeeds(connection: Connection, session: Session): void {
    const { feeds } = connection
    for (let feed = feeds[0]; feed !== undefined; feed = feeds[0]) {
      const { subscription, messages } = feed
      while (true) {
        if (session.waiting.size > 0 || !this.#hasRoom(connection, session)) return
        const next = messages.next()
        const now = session.subscriptions.get(subscription.filter)
        if (next.done === true || now === undefined) break
        if (mayReceive(session.pass, next.value.topic)) this.#sendFed(connection, now, next.value)
      }
      feeds.shift()
    }
  }

  #sendFed(
    connection: Connection,
    { session, qos: asked, identifier }: Subscription,
    message: Message,
  ): void {
    const qos = Math.min(asked, message.qos) as QoS
    const identifiers = identifier === 0 ? [] : [identifier]
    const owed = { message, event: 0, qos, retain: true, identifiers, share: null }
    if (qos === 0) {
      this.#sendLate(connection, owed, false, 0)
      return
    }
    const id = session.inflight.nextId()
    if (this.#sendLate(connection, owed, false, id))
      session.sent(id, qos, session.outlives ? { ...owed, qos } : null)
  }

  #sendLate(connection: Connection, owed: Late, dup: boolean, id: number): boolean {
    const { message, qos, retain, identifiers } = owed
    this.#late.fill(message, this.#clock.now())
    this.#encodeFor(connection, this.#late, qos, id, { dup, retain, identifiers })
    const { start, end } = this.#encoder
    if (end - start > connection.maximumPacketSize) {
      this.#counters.drop('too-large') // [MQTT-3.1.2-25]
      return false
    }
    connection.outlet.append(start, end)
    this.#counters.publishesSent++
    this.#counters.packetsSent++
    this.#counters.publishBytesSent += message.payload.length
    return true
  }
}

/** Whether a message leaves only when what is said of its session is committed, or after one that does. */
const isHeld = ({ keeper, held }: Session, qos: 1 | 2): boolean => keeper !== null && (qos === 2 || held > 0)

type Late = Omit<Owed, 'qos'> & { readonly qos: QoS }

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
