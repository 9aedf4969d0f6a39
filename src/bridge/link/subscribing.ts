// Brings the subscriptions at the far side to what the settings say: those of earlier settings go, new ones
// come. A subscription that is there already is left alone, so that no retained message is sent a second
// time.

import type { QoS } from '../../model/event.ts'
import type { Packet } from '../../mqtt/packet.ts'
import { isFailure, reasonName } from '../../mqtt/reason-codes.ts'
import type { Link } from './link.ts'

const MOST_PACKET_IDS = 65_535
/** Packet ids above this one are for subscriptions. */
export const MOST_MESSAGE_IDS = 65_000
/** Filters of one SUBSCRIBE. */
const AT_ONCE = 100

export interface SubscribingPorts {
  /** Filters with their highest QoS. */
  readonly wanted: ReadonlyMap<string, QoS>
  /** Whether the subscriptions are shared: no local is not allowed for them. [MQTT-3.8.3-4] */
  readonly isShared: boolean
  /** The subscriptions that are there now, for the journal. */
  readonly done: (subscriptions: readonly string[]) => void
  readonly refused: (filter: string, reason: string) => void
}

/** How a subscription is remembered. */
const textOf = (filter: string, qos: QoS): string => `${qos} ${filter}`

export class Subscribing {
  readonly #ports: SubscribingPorts
  readonly #waiting = new Map<number, readonly (readonly [string, QoS])[]>()
  readonly #there: Set<string>
  #nextPacketId = MOST_PACKET_IDS

  /** @param before what is subscribed to already */
  constructor(ports: SubscribingPorts, before: readonly string[]) {
    this.#ports = ports
    this.#there = new Set(before)
  }

  send(link: Link): void {
    const { wanted, isShared } = this.#ports
    const gone = [...this.#there].filter((text) => !wanted.has(text.slice(2)))
    if (gone.length > 0) {
      for (const text of gone) this.#there.delete(text)
      const filters = gone.map((text) => text.slice(2))
      link.send({ type: 'unsubscribe', packetId: this.#packetId([]), filters })
    }
    const missing = [...wanted].filter(([filter, qos]) => !this.#there.has(textOf(filter, qos)))
    for (let from = 0; from < missing.length; from += AT_ONCE) {
      const some = missing.slice(from, from + AT_ONCE)
      const subscriptions = some.map(([filter, qos]) => ({
        filter,
        qos,
        noLocal: !isShared,
        retainAsPublished: true,
        retainHandling: 0 as const,
      }))
      link.send({ type: 'subscribe', packetId: this.#packetId(some), subscriptions })
    }
    if (this.#waiting.size === 0) this.#ports.done([...this.#there])
  }

  /** Takes SUBACK and UNSUBACK. */
  take(packet: Extract<Packet, { type: 'suback' | 'unsuback' }>): void {
    const asked = this.#waiting.get(packet.packetId)
    if (asked === undefined) return
    this.#waiting.delete(packet.packetId)
    if (packet.type === 'suback')
      for (const [index, [filter, qos]] of asked.entries()) {
        const code = packet.reasonCodes[index] ?? 0x80
        if (isFailure(code)) this.#ports.refused(filter, reasonName(code))
        else {
          for (const text of this.#there) if (text.slice(2) === filter) this.#there.delete(text)
          this.#there.add(textOf(filter, qos))
        }
      }
    if (this.#waiting.size === 0) this.#ports.done([...this.#there])
  }

  /** From the top: messages take their packet ids from below. */
  #packetId(asked: readonly (readonly [string, QoS])[]): number {
    this.#waiting.set(this.#nextPacketId, asked)
    return this.#nextPacketId--
  }
}
