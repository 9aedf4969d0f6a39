// The last retained message of each topic, in memory; the journal keeps them too, as part of the event that brought them.

import type { RetainedMessage } from '../model/store.ts'
import { NameTree } from '../topics/name-tree.ts'
import type { Counters } from './counters.ts'
import type { Limits } from './limits.ts'
import { messageBytes, messageFrom, type Message } from './message.ts'

export interface Retained extends Message {
  /** The event that brought it; 0 for what is not kept. */
  readonly event: number
}

export class RetainedMessages {
  readonly #limits: Limits
  readonly #counters: Counters
  readonly #tree = new NameTree<Retained>()
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
    for (const { event, ...message } of messages) {
      const kept = messageFrom({ ...message, retain: true })
      if (this.accepts(kept)) this.set(kept, event)
    }
  }

  /** Whether there is room for it. */
  accepts(message: Message): boolean {
    if (message.payload.length === 0) return true
    const before = this.#tree.get(message.topic)
    const { retainedBytes, retainedMessages } = this.#limits
    const more = messageBytes(message) - (before === undefined ? 0 : messageBytes(before))
    const full = this.#bytes + more > retainedBytes || (before === undefined && this.size >= retainedMessages)
    if (full) this.#counters.drop('retained-full')
    return !full
  }

  /**
   * In the place of the topic's earlier one; an empty payload only removes that.
   * [MQTT-3.3.1-5] [MQTT-3.3.1-6] [MQTT-3.3.1-7] [v3 MQTT-3.3.1-5] [v3 MQTT-3.3.1-7] [v3 MQTT-3.3.1-10]
   * [v3 MQTT-3.3.1-11]
   */
  set(message: Message, event: number): void {
    const { topic, payload, expiresAt } = message
    this.delete(topic)
    if (payload.length === 0) return
    this.#tree.set(topic, { ...message, event })
    this.#bytes += messageBytes(message)
    if (expiresAt !== Infinity) this.#expiring.set(topic, message)
  }

  delete(topic: string): void {
    const before = this.#tree.get(topic)
    if (before === undefined) return
    this.#tree.delete(topic)
    this.#expiring.delete(topic)
    this.#bytes -= messageBytes(before)
  }

  /** Removes what has expired, and tells its topics. */
  sweep(now: number): string[] {
    const expired: string[] = []
    for (const [topic, { expiresAt }] of this.#expiring) if (expiresAt <= now) expired.push(topic)
    for (const topic of expired) this.delete(topic)
    return expired
  }

  /** Whether it is worth looking for some: false only where there is none. */
  mayMatch(filter: string): boolean {
    return this.#tree.mayMatch(filter)
  }

  /** Those whose topic matches; some may have expired. */
  *match(filter: string): Generator<Retained> {
    for (const [, message] of this.#tree.match(filter)) yield message
  }

  /** The same in small steps, each made only when it is asked for; null: nothing was found in it. */
  *search(filter: string): Generator<Retained | null> {
    for (const found of this.#tree.search(filter)) yield found === null ? null : found[1]
  }
}
