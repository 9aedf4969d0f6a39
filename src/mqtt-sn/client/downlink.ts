// What goes to one client, one message after the other: datagrams overtake each other, messages must not. The
// first of the queue is on its way, and all wait for its end.
//
//   PUBLISH   [REGISTER ── REGACK ▶] PUBLISH  QoS 0 ▶ done   QoS 1 ── PUBACK ▶ done   QoS 2 ── PUBREC ▶ done
//   PUBREL    PUBREL ── PUBCOMP ▶ done
//
// What is not answered is sent again after T_retry, N_retry times (6.13). While the client sleeps, the queue
// stands still.

import type { Clock } from '../../base/clock.ts'
import type { GuestDrop } from '../../model/gate.ts'
import type { PublishPacket } from '../../mqtt/publish.ts'
import { ReasonCode } from '../../mqtt/reason-codes.ts'
import type { Packet } from '../../mqtt/packet.ts'
import { lengthOf } from '../messages/codec.ts'
import { NO_FLAGS } from '../messages/flags.ts'
import type { Message, MessageOf } from '../messages/messages.ts'
import { ReturnCode } from '../messages/return-codes.ts'
import type { SnSettings } from '../settings.ts'
import { LAST_ID } from '../topics/predefined-file.ts'
import type { TopicIds, TopicWay } from '../topics/topic-ids.ts'
import { Retry } from './retry.ts'

/** The answer that the first of the queue waits for. */
type Step = 'regack' | 'puback' | 'pubrec' | 'pubcomp'

type Item =
  | { readonly type: 'publish'; readonly packet: PublishPacket }
  | { readonly type: 'pubrel'; readonly packetId: number }

/** How often a client may say that it does not know the id of a topic that it was just told. */
const MOST_REGISTERS = 2

export interface DownlinkOptions {
  readonly clock: Clock
  /** From 0 up to 1. */
  readonly random: () => number
  readonly settings: Pick<SnSettings, 'retryAfter' | 'retries' | 'messageSize' | 'queueMessages'>
  readonly topicIds: TopicIds
  /** Sends to the client. */
  readonly send: (message: Message) => void
  /** Sends to the broker. */
  readonly tell: (packet: Packet) => void
  readonly drop: (reason: GuestDrop, topic: string) => void
  /** Whether the client has to show that it hears the hub before it gets more. */
  readonly isDoubtful: () => boolean
  /** The client has answered what only it was told. */
  readonly onHeard: () => void
  /** Nothing is left to send. */
  readonly onEmpty: () => void
  /** The client does not answer: what is on its way stays the first of the queue. */
  readonly onUnanswered: () => void
}

export class Downlink {
  readonly #options: DownlinkOptions
  readonly #retry: Retry
  readonly #queue: Item[] = []
  #step: Step | null = null
  #isOpen = false
  /** Messages of QoS 0 in the queue. */
  #unassured = 0
  #registers = 0
  #registerId = 0
  /** The message that the client has, and whose PUBREL it has yet to answer; 0 for none. */
  #releasing = 0

  constructor(options: DownlinkOptions) {
    this.#options = options
    this.#retry = new Retry(options.clock, options.settings)
  }

  get isEmpty(): boolean {
    return this.#queue.length === 0
  }

  /** Begins, or goes on where the client fell asleep. */
  open(): void {
    this.#isOpen = true
    this.#go()
  }

  /** Stands still. What was on its way is sent again when the client is back. */
  close(): void {
    this.#isOpen = false
    this.#step = null
    this.#retry.stop()
  }

  publish(packet: PublishPacket): void {
    if (packet.qos === 0) {
      const { settings, drop } = this.#options
      // A message that can never go takes no memory and no place while the client sleeps.
      if (this.#isTooLarge(packet)) return drop('too-large', packet.topic)
      if (this.#unassured >= settings.queueMessages) return drop('slow', packet.topic)
      this.#unassured++
    }
    this.#push({ type: 'publish', packet })
  }

  /** The client may release a message of QoS 2. */
  release(packetId: number): void {
    this.#releasing = packetId
    this.#push({ type: 'pubrel', packetId })
  }

  // ── answers of the client ──────────────────────────────────────────────────────────────────────

  regack({ msgId, returnCode }: MessageOf<'regack'>): void {
    const packet = this.#awaited('regack')
    if (packet === undefined || msgId !== this.#registerId) return
    if (returnCode === ReturnCode.congestion) return // the same REGISTER goes again after T_retry
    this.#heard()
    const { topicIds, tell } = this.#options
    if (returnCode === ReturnCode.accepted) topicIds.acknowledged(packet.topic)
    else {
      // A refusal stands for an UNSUBSCRIBE of the topic (6.10). A wildcard that matches it stays.
      topicIds.refused(packet.topic)
      tell({ type: 'unsubscribe', packetId: REFUSAL_ID, filters: [packet.topic] })
    }
    this.#go()
  }

  puback({ topicId, msgId, returnCode }: MessageOf<'puback'>): void {
    if (returnCode === ReturnCode.invalidTopicId && msgId === 0) return this.#forget(topicId)
    const packet = this.#awaited('puback') ?? this.#awaited('pubrec')
    if (packet === undefined || packet.packetId !== msgId) return
    if (returnCode === ReturnCode.congestion) return // the same PUBLISH goes again after T_retry
    this.#heard()
    if (returnCode === ReturnCode.invalidTopicId && this.#registers < MOST_REGISTERS) {
      this.#options.topicIds.forgotten(packet.topic)
      return this.#go()
    }
    this.#finish(packet, returnCode === ReturnCode.accepted)
    this.#go()
  }

  pubrec({ msgId }: MessageOf<'pubrec'>): void {
    const packet = this.#awaited('pubrec')
    if (packet?.packetId === msgId) {
      this.#heard()
      this.#releasing = msgId
      this.#finish(packet, true)
      return this.#go()
    }
    // PUBREL is under way, or waits for a commit. Otherwise the client goes on with a message of which the hub
    // knows nothing any more: it may end that.
    if (msgId !== this.#releasing) this.#options.send({ type: 'pubrel', msgId })
  }

  pubcomp({ msgId }: MessageOf<'pubcomp'>): void {
    const [first] = this.#queue
    if (this.#step !== 'pubcomp' || first?.type !== 'pubrel' || first.packetId !== msgId) return
    this.#heard()
    this.#releasing = 0
    this.#options.tell({ type: 'pubcomp', packetId: msgId, reasonCode: ReasonCode.Success })
    this.#queue.shift()
    this.#go()
  }

  // ── the queue ──────────────────────────────────────────────────────────────────────────────────

  #push(item: Item): void {
    this.#queue.push(item)
    if (this.#queue.length === 1) this.#go()
  }

  /** Sends until something has to be waited for. */
  #go(): void {
    while (this.#isOpen && this.#step === null) {
      const [first] = this.#queue
      if (first === undefined) return this.#options.onEmpty()
      if (first.type === 'publish') this.#begin(first.packet)
      else this.#send('pubcomp', () => ({ type: 'pubrel', msgId: first.packetId }))
    }
  }

  #begin(packet: PublishPacket): void {
    if (this.#isTooLarge(packet)) return this.#lose('too-large', packet)
    const { topicIds, isDoubtful } = this.#options
    const way = isDoubtful() ? this.#provingWay(packet.topic) : topicIds.wayTo(packet.topic)
    if (way === undefined) return this.#lose('no-topic-id', packet)
    if (!way.isKnown && lengthOf(registerOf(packet, way.topicId, 0)) > this.#options.settings.messageSize)
      return this.#lose('too-large', packet)
    if (!way.isKnown) return this.#register(packet, way.topicId)
    if (packet.qos > 0) {
      const step = packet.qos === 1 ? 'puback' : 'pubrec'
      return this.#send(step, (isRepeat) => messageOf(packet, way, isRepeat))
    }
    this.#options.send(messageOf(packet, way, false))
    this.#finish(packet, true)
  }

  /** Every way to a topic takes as many bytes as another. */
  #isTooLarge(packet: PublishPacket): boolean {
    return lengthOf(messageOf(packet, ANY_WAY, false)) > this.#options.settings.messageSize
  }

  /** REGACK names a number that only a client which hears the hub can know. */
  #provingWay(topic: string): TopicWay | undefined {
    const way = this.#options.topicIds.registeredWayTo(topic)
    return way && { ...way, isKnown: false }
  }

  #register(packet: PublishPacket, topicId: number): void {
    this.#registers++
    this.#registerId = 1 + Math.floor(this.#options.random() * LAST_ID)
    this.#send('regack', () => registerOf(packet, topicId, this.#registerId))
  }

  #send(step: Step, message: (isRepeat: boolean) => Message): void {
    this.#step = step
    this.#options.send(message(false))
    this.#retry.start(
      () => this.#options.send(message(true)),
      () => {
        this.close()
        this.#options.onUnanswered()
      },
    )
  }

  /** The message that the first of the queue is, if it waits for this answer. */
  #awaited(step: Step): PublishPacket | undefined {
    const [first] = this.#queue
    return this.#step === step && first?.type === 'publish' ? first.packet : undefined
  }

  #heard(): void {
    this.#step = null
    this.#retry.stop()
    this.#options.onHeard()
  }

  #lose(reason: GuestDrop, packet: PublishPacket): void {
    this.#options.drop(reason, packet.topic)
    this.#finish(packet, false)
  }

  /** Tells the broker the end of the first message of the queue. */
  #finish({ qos, packetId = 0 }: PublishPacket, isTaken: boolean): void {
    const reasonCode = isTaken ? ReasonCode.Success : ReasonCode.ImplementationSpecificError
    if (qos === 1) this.#options.tell({ type: 'puback', packetId, reasonCode })
    else if (qos === 2) this.#options.tell({ type: 'pubrec', packetId, reasonCode })
    else this.#unassured--
    this.#registers = 0
    this.#queue.shift()
  }

  /** The client got a message of QoS 0 under an id that it does not know: it is lost, the next is not. */
  #forget(topicId: number): void {
    const { topicIds } = this.#options
    const topic = topicIds.topicOf('normal', topicId)
    if (topic !== undefined) topicIds.forgotten(topic)
  }
}

const ANY_WAY: TopicWay = { topicType: 'normal', topicId: 0, isKnown: true }

const registerOf = ({ topic }: PublishPacket, topicId: number, msgId: number): Message => ({
  type: 'register',
  topicId,
  msgId,
  topic,
})

const messageOf = (
  { qos, retain, dup, packetId = 0, payload }: PublishPacket,
  { topicType, topicId }: TopicWay,
  isRepeat: boolean,
): Message => ({
  type: 'publish',
  flags: { ...NO_FLAGS, qos, retain, dup: dup || isRepeat, topicType },
  topicId,
  msgId: packetId,
  data: payload,
})

/** The packet id under which the hub unsubscribes for a client: the answer means nothing to the client. */
const REFUSAL_ID = 0xffff
