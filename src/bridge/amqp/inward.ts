// What comes from queues: published here as an event of the origin `bridge`, and acknowledged to the broker
// when that is committed. What this hub cannot take is refused, so that a queue with dead letters keeps it.

import type { ConsumeMessage } from 'amqplib'
import { messageOf } from '../../base/printable.ts'
import { bridgeClient, type BridgeDrop } from '../../model/bridge.ts'
import { AT_ONCE } from '../../model/store.ts'
import { passageOf } from '../../model/passage.ts'
import { encodePropertyBytes } from '../../mqtt/properties.ts'
import { type Hides, hidesDollar } from '../../topics/hidden.ts'
import { topicMatches } from '../../topics/matches.ts'
import type { Arrival } from '../flow/inward.ts'
import type { AmqpLink } from './link.ts'
import { mqttProperties, topicOf } from './messages.ts'
import type { FromQueue } from './settings.ts'

export interface AmqpInwardPorts {
  readonly name: string
  readonly hubId: string
  readonly in: readonly FromQueue[]
  /** Which local topics only a setting reaches that spells them. */
  readonly hides: Hides
  /** See `InwardPorts.publish`. */
  readonly publish: (arrival: Arrival) => number
  readonly committedId: () => number
  readonly received: () => void
  readonly dropped: (reason: BridgeDrop, topic: string, detail?: string) => void
}

interface Answer {
  readonly message: ConsumeMessage
  /** The acknowledgement leaves when this is committed. */
  readonly mark: number
}

export class AmqpInward {
  readonly #ports: AmqpInwardPorts
  #link: AmqpLink | null = null
  #answers: Answer[] = []

  constructor(ports: AmqpInwardPorts) {
    this.#ports = ports
  }

  connected(link: AmqpLink): void {
    this.#link = link
    this.#answers = []
  }

  /** What was not acknowledged comes again on the next connection. */
  disconnected(): void {
    this.#link = null
    this.#answers = []
  }

  take(queue: string, message: ConsumeMessage): void {
    const { dropped } = this.#ports
    const key = message.fields.routingKey
    try {
      this.#answers.push({ message, mark: this.#publish(queue, key, message) })
      this.committed()
    } catch (error) {
      dropped('refused', key, messageOf(error))
      this.#link?.refuse(message)
    }
  }

  committed(): void {
    const committedId = this.#ports.committedId()
    let count = 0
    while (count < this.#answers.length && this.#answers[count]!.mark <= committedId)
      this.#link?.acknowledge(this.#answers[count++]!.message)
    if (count > 0) this.#answers = this.#answers.slice(count)
  }

  /** Returns what has to be committed first. Throws an error with a sentence when the hub cannot take it. */
  #publish(queue: string, key: string, message: ConsumeMessage): number {
    const { name, hubId, hides, publish, received, dropped } = this.#ports
    const from = this.#ports.in.find((each) => each.queue === queue)!
    const topic = topicOf(key, from)
    if (typeof topic !== 'string') throw new Error(topic.problem)
    const isOwn = from.topic === undefined && !topicMatches(`${from.to}#`, topic, hides)
    if (isOwn || !topicMatches('#', topic, hidesDollar))
      throw new Error('only the hub itself publishes there')
    const { content, properties } = message
    const mqtt = mqttProperties({ key, content, properties })
    if (passageOf(mqtt).path.includes(hubId)) {
      dropped('loop', topic)
      return AT_ONCE
    }
    const bytes = encodePropertyBytes(mqtt)
    const event = publish({
      topic,
      payload: content,
      qos: 1,
      retain: false,
      properties: bytes.length > 0 ? bytes : null,
      client: bridgeClient(name),
      isRepeat: false,
    })
    received()
    return event
  }
}
