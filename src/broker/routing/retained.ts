// The last retained message of each topic, in memory; the journal keeps them too, as part of the event that brought them.
//
// What the hub says of itself ($SYS) and of clients takes no room from what clients leave. It has bounds of its own: of clients
// that are there by their connections, of sessions that are kept by theirs, and of others as many are remembered as may connect, in no more
// bytes than what clients leave may take.

import type { RetainedMessage } from '../../model/store.ts'
import { NameTree } from '../../topics/name-tree.ts'
import type { Counters } from '../counters.ts'
import type { Limits } from '../limits.ts'
import { messageBytes, messageFrom, type Message } from '../message/message.ts'

export interface Retained extends Message {
  /** The event that brought it; 0 for `$SYS`, which is not kept. */
  readonly event: number
}

export class RetainedMessages {
  readonly #limits: Limits
  readonly #counters: Counters
  readonly #tree = new NameTree<Retained>()
  /** The topics of those that expire. */
  readonly #expiring = new Map<string, Message>()
  /** How the topics begin on which the hub tells who is there. */
  readonly #presence: string
  #bytes = 0
  /** Of what takes room. */
  readonly #taken = { messages: 0, bytes: 0 }
  /** The topics of clients that are remembered for a while, those heard of longest ago first. */
  readonly #remembered = new Set<string>()
  #rememberedBytes = 0
  /** What had to make room since the last sweep. */
  #forgotten: string[] = []

  constructor(limits: Limits, counters: Counters, root: string) {
    this.#limits = limits
    this.#counters = counters
    this.#presence = `${root}/clients/`
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
    if (message.payload.length === 0 || this.#isPresence(message.topic)) return true
    const before = this.#tree.get(message.topic)
    const { retainedBytes, retainedMessages } = this.#limits
    const more = messageBytes(message) - (before === undefined ? 0 : messageBytes(before))
    const { messages, bytes } = this.#taken
    const full = bytes + more > retainedBytes || (before === undefined && messages >= retainedMessages)
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
    const kept = { ...message, event }
    this.#tree.set(topic, kept)
    this.#count(kept, 1)
    if (expiresAt === Infinity) return
    this.#expiring.set(topic, message)
    if (this.#isPresence(topic)) this.#forgetBeyond()
  }

  delete(topic: string): void {
    const before = this.#tree.get(topic)
    if (before === undefined) return
    this.#tree.delete(topic)
    this.#expiring.delete(topic)
    this.#count(before, -1)
  }

  /** Removes what has expired. Tells the topics, and those of clients that had to make room for others. */
  sweep(now: number): string[] {
    // Some may have come again.
    const removed = this.#forgotten.filter((topic) => this.#tree.get(topic) === undefined)
    this.#forgotten = []
    for (const [topic, { expiresAt }] of this.#expiring) if (expiresAt <= now) removed.push(topic)
    for (const topic of removed) this.delete(topic)
    return removed
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

  #count(message: Retained, by: 1 | -1): void {
    const { topic, event, expiresAt } = message
    const bytes = by * messageBytes(message)
    this.#bytes += bytes
    if (this.#isPresence(topic)) {
      if (expiresAt === Infinity) return
      this.#rememberedBytes += bytes
      if (by === 1) this.#remembered.add(topic)
      else this.#remembered.delete(topic)
    } else if (event !== 0) {
      this.#taken.messages += by
      this.#taken.bytes += bytes
    }
  }

  /** A client may call itself by 64 KiB: their number alone is no bound. */
  #forgetBeyond(): void {
    const { connections, retainedBytes } = this.#limits
    for (const topic of this.#remembered) {
      if (this.#remembered.size <= connections && this.#rememberedBytes <= retainedBytes) return
      this.delete(topic)
      this.#forgotten.push(topic)
    }
  }

  #isPresence(topic: string): boolean {
    return topic.startsWith(this.#presence)
  }
}
