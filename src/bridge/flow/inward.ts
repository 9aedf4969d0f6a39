// What comes in over a bridge: it is published here as an event of the origin `bridge`, and acknowledged to
// the far side when that is committed. Acknowledgements wait in line while later messages are read, so that
// one commit serves many.
//
// Always: the packet id of a QoS 2 message is committed together with its event, so the message is known
// again after a crash; and PUBCOMP leaves when the journal has forgotten the id.

import type { BridgeChange, BridgeDrop, StoredBridge } from '../../model/bridge.ts'
import { bridgeClient } from '../../model/bridge.ts'
import type { QoS } from '../../model/event.ts'
import { passageOf } from '../../model/passage.ts'
import { AT_ONCE } from '../../model/store.ts'
import { encodePropertyBytes } from '../../mqtt/properties.ts'
import type { PublishPacket } from '../../mqtt/publish.ts'
import type { Link } from '../link/link.ts'
import type { Mapping } from '../messages/mapping.ts'

/** A message for the broker of this hub. */
export interface Arrival {
  readonly topic: string
  readonly payload: Buffer
  readonly qos: QoS
  readonly retain: boolean
  /** As they stand on the wire, without their length; `null` for none. */
  readonly properties: Buffer | null
  readonly client: string
  /** Not to be published when the same is retained on the topic already. */
  readonly isRepeat: boolean
}

export interface InwardPorts {
  readonly name: string
  readonly hubId: string
  readonly mapping: Mapping
  readonly stored: StoredBridge
  /**
   * Publishes; returns the event, which need not be committed yet, or `AT_ONCE`. Throws an error with a
   * sentence when this hub does not take the message.
   */
  readonly publish: (arrival: Arrival) => number
  readonly append: (change: BridgeChange) => number
  readonly committedId: () => number
  readonly received: () => void
  readonly dropped: (reason: BridgeDrop, topic: string, detail?: string) => void
}

interface Answer {
  readonly type: 'puback' | 'pubrec' | 'pubcomp'
  readonly packetId: number
  /** It leaves when this is committed. */
  readonly mark: number
}

/** A far side that speaks 3.1.1 is not told how much may be under way: it is not read from meanwhile. */
const MOST_ANSWERS = 2_000
const FEW_ANSWERS = 1_000
/** Topics of which it is remembered that the retained message has come. */
const MOST_RETAINED = 100_000

export class Inward {
  readonly #ports: InwardPorts
  readonly #received: Map<number, number>
  #link: Link | null = null
  #answers: Answer[] = []
  #isPaused = false
  /**
   * Topics whose retained message has come on this connection. `null` when the far side goes on with a session:
   * then it sends no retained messages of before, and whatever comes is news.
   */
  #retainedSeen: Set<string> | null = null

  constructor(ports: InwardPorts) {
    this.#ports = ports
    this.#received = new Map(ports.stored.received.map((packetId) => [packetId, AT_ONCE]))
  }

  /** @param isAnew the far side has forgotten the session, and sends retained messages again */
  connected(link: Link, isAnew: boolean): void {
    this.#link = link
    this.#answers = []
    this.#isPaused = false
    this.#retainedSeen = isAnew ? new Set() : null
    if (isAnew) this.#received.clear()
  }

  disconnected(): void {
    this.#link = null
    this.#answers = []
  }

  take(packet: PublishPacket): void {
    const { qos, packetId = 0 } = packet
    if (qos === 0) this.#publish(packet)
    else if (qos === 1) this.#answer({ type: 'puback', packetId, mark: this.#publish(packet) })
    else {
      let mark = this.#received.get(packetId)
      // [MQTT-4.3.3-10]
      if (mark === undefined) {
        const event = this.#publish(packet)
        // In the same turn as the event, so both are committed or none.
        mark = Math.max(event, this.#ports.append({ ...this.#change('bridge-took'), packetId }))
        this.#received.set(packetId, mark)
      }
      this.#answer({ type: 'pubrec', packetId, mark })
    }
  }

  release(packetId: number): void {
    const isKnown = this.#received.delete(packetId)
    const mark = isKnown ? this.#ports.append({ ...this.#change('bridge-let-go'), packetId }) : AT_ONCE
    this.#answer({ type: 'pubcomp', packetId, mark }) // [MQTT-4.3.3-11]
  }

  committed(): void {
    const link = this.#link
    if (link === null) return
    const committedId = this.#ports.committedId()
    let count = 0
    while (count < this.#answers.length && this.#answers[count]!.mark <= committedId) {
      const { type, packetId } = this.#answers[count++]!
      link.send({ type, packetId, reasonCode: 0 })
    }
    if (count > 0) this.#answers = this.#answers.slice(count)
    if (this.#isPaused && this.#answers.length <= FEW_ANSWERS) {
      this.#isPaused = false
      link.resume()
    }
  }

  #change<Kind extends BridgeChange['kind']>(kind: Kind): { readonly kind: Kind; readonly bridge: string } {
    return { kind, bridge: this.#ports.name }
  }

  #answer(answer: Answer): void {
    this.#answers.push(answer)
    // [MQTT-4.6.0-2]: in order, so also one that waits for nothing waits for those before it.
    if (answer.mark <= this.#ports.committedId()) this.committed()
    if (!this.#isPaused && this.#answers.length >= MOST_ANSWERS) {
      this.#isPaused = true
      this.#link?.pause()
    }
  }

  /** Returns what has to be committed before the message is acknowledged. */
  #publish({ topic, payload, qos, retain, properties = {} }: PublishPacket): number {
    const { mapping, hubId, dropped, name } = this.#ports
    const mapped = mapping.inward(topic)
    // A subscription of earlier settings.
    if (mapped === undefined) return AT_ONCE
    if (passageOf(properties).path.includes(hubId)) {
      dropped('loop', topic)
      return AT_ONCE
    }
    const { subscriptionIdentifiers: _, topicAlias: __, ...message } = properties
    const bytes = encodePropertyBytes(message)
    try {
      const mark = this.#ports.publish({
        topic: mapped.topic,
        payload,
        qos: Math.min(qos, mapped.qos) as QoS,
        retain,
        properties: bytes.length > 0 ? bytes : null,
        client: bridgeClient(name),
        isRepeat: retain && this.#isFirstRetained(topic),
      })
      this.#ports.received()
      return mark
    } catch (error) {
      dropped('refused', mapped.topic, error instanceof Error ? error.message : undefined)
    }
    return AT_ONCE
  }

  /** The first retained message of a topic in a new session is what the far side had retained before. */
  #isFirstRetained(topic: string): boolean {
    const seen = this.#retainedSeen
    if (seen === null || seen.size >= MOST_RETAINED || seen.has(topic)) return false
    seen.add(topic)
    return true
  }
}
