// The last retained message of each topic, in memory; the journal keeps them too, as part of the event that brought them.

import type { RetainedMessage } from '../model/store.ts'
import { NameTree } from '../topics/name-tree.ts'
import type { Counters } from './counters.ts'
import type { Limits } from './limits.ts'
import { messageFrom, type Message } from './message.ts'

export class RetainedMessages {
  readonly #limits: Limits
  readonly #counters: Counters
  readonly #tree = new NameTree<Message>()
  /** The topics of those that expire. */
  readonly #expiring = new Map<string, Message>()
  #bytes = 0

  constructor(limits: Limits, counters: Counters) {
    this.#limits = limits
    this.#counters = counters
  }

  get size(): number {
    return this.#tree.size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Takes what was retained when the hub last stopped. */
  restore(messages: Iterable<RetainedMessage>): void {
    for (const { topic, payload, properties, qos, at } of messages) {
      this.set(messageFrom({ topic, payload, properties, qos, retain: true, at }))
    }
  }

  /**
   * In the place of the topic's earlier one; an empty payload only removes that.
   * [MQTT-3.3.1-5] [MQTT-3.3.1-6] [MQTT-3.3.1-7] [v3 MQTT-3.3.1-5] [v3 MQTT-3.3.1-7] [v3 MQTT-3.3.1-10]
   * [v3 MQTT-3.3.1-11]
   * Returns false, and leaves all as it was, when there is no room.
   */
  set(message: Message): boolean {
    const { topic, payload } = message
    const before = this.#tree.get(topic)
    if (payload.length === 0) {
      this.delete(topic)
      return true
    }
    const more = payload.length - (before?.payload.length ?? 0)
    const { retainedBytes, retainedMessages } = this.#limits
    const full = this.#bytes + more > retainedBytes || (before === undefined && this.size >= retainedMessages)
    if (full) {
      this.#counters.drop('retained-full')
      return false
    }
    this.#tree.set(topic, message)
    this.#bytes += more
    if (message.expiresAt === Infinity) this.#expiring.delete(topic)
    else this.#expiring.set(topic, message)
    return true
  }

  delete(topic: string): void {
    const before = this.#tree.get(topic)
    if (before === undefined) return
    this.#tree.delete(topic)
    this.#expiring.delete(topic)
    this.#bytes -= before.payload.length
  }

  /** Removes what has expired, and tells its topics. */
  sweep(now: number): string[] {
    const expired: string[] = []
    for (const [topic, { expiresAt }] of this.#expiring) if (expiresAt <= now) expired.push(topic)
    for (const topic of expired) this.delete(topic)
    return expired
  }

  /** Those whose topic matches, found one by one as they are asked for. */
  *match(filter: string, now: number): Generator<Message> {
    for (const [, message] of this.#tree.match(filter)) {
      if (message.expiresAt > now) yield message
    }
  }
}
