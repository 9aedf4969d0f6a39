// What one client publishes, and what it subscribes to. The broker answers with the client's own message ids,
// and each answer becomes the one of MQTT-SN. So PUBACK leaves only when the broker has committed the event.

import { isFailure, ReasonCode } from '../../mqtt/reason-codes.ts'
import type { Packet } from '../../mqtt/packet.ts'
import { parseSubscription, topicFilterProblem, topicNameProblem } from '../../topics/names.ts'
import { NO_FLAGS, type TopicType } from '../messages/flags.ts'
import type { Message, MessageOf } from '../messages/messages.ts'
import { ReturnCode } from '../messages/return-codes.ts'
import type { TopicIds } from '../topics/topic-ids.ts'
import { Repeats } from './repeats.ts'

export interface UplinkOptions {
  readonly topicIds: TopicIds
  /** Sends to the client. */
  readonly send: (message: Message) => void
  /** Sends to the broker. Returns `false` if it does not read at this moment. */
  readonly tell: (packet: Packet) => boolean
  /** The largest message that the broker takes, in bytes. */
  readonly packetBytes: number
  /** The client has named a topic by an id that only it was told. */
  readonly onHeard: () => void
}

/** A SUBSCRIBE or UNSUBSCRIBE that the broker has yet to answer. A client may have one (6.13). */
interface Asked {
  readonly msgId: number
  /** What SUBACK says when the broker accepts. */
  readonly topicId: () => number | undefined
}

/** What a PUBLISH of MQTT takes at most beside its topic and its payload. */
const PUBLISH_OVERHEAD = 16

export class Uplink {
  readonly #options: UplinkOptions
  readonly #repeats = new Repeats()
  #asked: Asked | null = null

  constructor(options: UplinkOptions) {
    this.#options = options
  }

  /** [6.6] */
  register({ msgId, topic }: MessageOf<'register'>): void {
    const refuse = (returnCode: ReturnCode): void =>
      this.#options.send({ type: 'regack', topicId: 0, msgId, returnCode })
    if (topicNameProblem(topic) !== undefined) return refuse(ReturnCode.notSupported)
    const topicId = this.#options.topicIds.register(topic)
    if (topicId === undefined) return refuse(ReturnCode.congestion)
    this.#options.send({ type: 'regack', topicId, msgId, returnCode: ReturnCode.accepted })
  }

  /** [6.7] A message of QoS −1 from a client that is connected is one of QoS 0. */
  publish(message: MessageOf<'publish'>): void {
    const { flags, topicId, msgId, data } = message
    const { topicIds, tell, packetBytes, onHeard } = this.#options
    const answer = (returnCode: ReturnCode): void => {
      if (flags.qos !== -1) this.#options.send({ type: 'puback', topicId, msgId, returnCode })
    }
    const topic = topicIds.topicOf(flags.topicType, topicId)
    if (topic === undefined || topicNameProblem(topic) !== undefined) return answer(ReturnCode.invalidTopicId)
    if (flags.topicType === 'normal') onHeard()
    const qos = flags.qos === -1 ? 0 : flags.qos
    const isTooLarge = Buffer.byteLength(topic) + data.length + PUBLISH_OVERHEAD > packetBytes
    if (isTooLarge || (qos > 0 && msgId === 0)) return answer(ReturnCode.notSupported)
    if (qos === 1) {
      const before = this.#repeats.find(message)
      if (before === 'answered') return answer(ReturnCode.accepted)
      if (before === 'under way') return // its answer is on the way
      if (before === 'early') return answer(ReturnCode.congestion)
    }
    const { retain, dup } = flags
    const packet = { type: 'publish', topic, payload: data, qos, retain, dup: qos > 0 && dup } as const
    if (!tell(qos === 0 ? packet : { ...packet, packetId: msgId })) return answer(ReturnCode.congestion)
    if (qos > 0) this.#repeats.begin(message)
  }

  pubrel({ msgId }: MessageOf<'pubrel'>): void {
    if (msgId !== 0) this.#options.tell({ type: 'pubrel', packetId: msgId, reasonCode: ReasonCode.Success })
  }

  /** [6.9] */
  subscribe({ flags, msgId, topic }: MessageOf<'subscribe'>): void {
    const refuse = (returnCode: ReturnCode): void => this.#suback(0, msgId, 0, returnCode)
    const filter = this.#filterOf(flags.topicType, topic)
    if (filter === undefined) return refuse(ReturnCode.invalidTopicId)
    if (!isFilter(filter) || msgId === 0 || flags.qos === -1) return refuse(ReturnCode.notSupported)
    if (this.#asked !== null) {
      // The answer to the same SUBSCRIBE is on its way.
      return this.#asked.msgId === msgId ? undefined : refuse(ReturnCode.congestion)
    }
    const subscription = {
      filter,
      qos: flags.qos,
      noLocal: false,
      retainAsPublished: false,
      retainHandling: 0,
    } as const
    const isSent = this.#options.tell({ type: 'subscribe', packetId: msgId, subscriptions: [subscription] })
    if (!isSent) return refuse(ReturnCode.congestion)
    this.#asked = { msgId, topicId: () => this.#idOf(flags.topicType, topic, filter) }
  }

  /** [6.9] */
  unsubscribe({ flags, msgId, topic }: MessageOf<'unsubscribe'>): void {
    const filter = this.#filterOf(flags.topicType, topic)
    const send = (): void => this.#options.send({ type: 'unsuback', msgId })
    // UNSUBACK has no code that says no. Nothing of that kind is subscribed to.
    if (filter === undefined || !isFilter(filter) || msgId === 0) return send()
    if (this.#asked !== null) return // the client sends it again
    const isSent = this.#options.tell({ type: 'unsubscribe', packetId: msgId, filters: [filter] })
    if (isSent) this.#asked = { msgId, topicId: () => 0 }
  }

  // ── answers of the broker ──────────────────────────────────────────────────────────────────────

  /** PUBACK and PUBREC: an event is committed, or not taken. */
  acknowledged(type: 'puback' | 'pubrec', msgId: number, reasonCode: ReasonCode): void {
    const topicId = this.#repeats.topicIdOf(msgId)
    const isTaken = !isFailure(reasonCode)
    this.#repeats.end(msgId, type === 'puback' && isTaken)
    if (type === 'pubrec' && isTaken) this.#options.send({ type: 'pubrec', msgId })
    else this.#options.send({ type: 'puback', topicId, msgId, returnCode: returnCodeOf(reasonCode) })
  }

  completed(msgId: number): void {
    this.#options.send({ type: 'pubcomp', msgId })
  }

  subscribed(msgId: number, reasonCode: ReasonCode): void {
    const asked = this.#answered(msgId)
    if (asked === null) return
    if (isFailure(reasonCode)) return this.#suback(0, msgId, 0, returnCodeOf(reasonCode))
    // Without an id of its own, the topic gets one when a message comes.
    this.#suback(asked.topicId() ?? 0, msgId, reasonCode as 0 | 1 | 2, ReturnCode.accepted)
  }

  unsubscribed(msgId: number): void {
    if (this.#answered(msgId) !== null) this.#options.send({ type: 'unsuback', msgId })
  }

  #answered(msgId: number): Asked | null {
    const asked = this.#asked
    if (asked?.msgId !== msgId) return null
    this.#asked = null
    return asked
  }

  #suback(topicId: number, msgId: number, qos: 0 | 1 | 2, returnCode: ReturnCode): void {
    this.#options.send({ type: 'suback', flags: { ...NO_FLAGS, qos }, topicId, msgId, returnCode })
  }

  #filterOf(topicType: TopicType, topic: Buffer): string | undefined {
    if (topicType === 'normal') return textOf(topic)
    return topic.length === 2 ? this.#options.topicIds.topicOf(topicType, topic.readUInt16BE(0)) : undefined
  }

  /** A filter with a wildcard has no id, and neither has a short name. */
  #idOf(topicType: TopicType, topic: Buffer, text: string): number | undefined {
    if (topicType === 'predefined') return topic.readUInt16BE(0)
    const { filter } = parseSubscription(text)
    return topicType === 'short' || /[+#]/.test(filter) ? 0 : this.#options.topicIds.register(filter)
  }
}

function isFilter(text: string): boolean {
  if (!text.startsWith('$share/')) return topicFilterProblem(text) === undefined
  try {
    parseSubscription(text)
    return true
  } catch {
    return false
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function textOf(bytes: Buffer): string | undefined {
  try {
    return UTF8.decode(bytes)
  } catch {
    return undefined
  }
}

/** What may go better later is congestion. */
const LATER: ReadonlySet<ReasonCode> = new Set([
  ReasonCode.ServerBusy,
  ReasonCode.QuotaExceeded,
  ReasonCode.ConnectionRateExceeded,
  ReasonCode.ReceiveMaximumExceeded,
])

export const returnCodeOf = (reasonCode: ReasonCode): ReturnCode => {
  if (!isFailure(reasonCode)) return ReturnCode.accepted
  return LATER.has(reasonCode) ? ReturnCode.congestion : ReturnCode.notSupported
}
