// The last retained message of each topic, in memory. The journal holds them too, as part of the event that
// brought them.
//
// What the hub says of itself ($SYS) and of clients takes no room from what clients leave; it has bounds of
// its own. The limits of connections and of sessions bound what is said of clients that are there, or whose
// session is. Of others, as many are remembered as may connect, in no more bytes than the messages of clients
// may take.

import type { RetainedMessage } from '../../model/store.ts'
import type { Hides } from '../../topics/hidden.ts'
import { NameTree } from '../../topics/name-tree.ts'
import type { Counters } from '../bounds/counters.ts'
import type { Limits } from '../bounds/limits.ts'
import type { ExpiryClock } from '../message/expiry-clock.ts'
import { type Message, messageBytes, messageFrom, type Retained } from '../message/message.ts'
import { pack, type PackedBytes, unpack } from './packed-bytes.ts'

/**
 * What one message takes in memory beside its bytes: its entry, and its nodes in the tree
 * (`bench/retained.ts`).
 */
const OVERHEAD_BYTES = 400

/** A retained message as it lies in memory. */
interface Entry {
  readonly topic: string
  readonly payload: PackedBytes
  readonly properties: PackedBytes
  readonly expiryAt: number
  readonly qos: Message['qos']
  readonly expiresAt: number
  readonly event: number
  /** What it takes in memory, about. */
  readonly bytes: number
}

export interface RetainedOptions {
  readonly limits: Limits
  readonly counters: Counters
  /** First topic level of the hub's own messages. */
  readonly root: string
  /** What clients do not reach by a wildcard in the first level. */
  readonly hides: Hides
}

export class RetainedMessages {
  readonly #limits: Limits
  readonly #counters: Counters
  readonly #tree: NameTree<Entry>
  /** The bridge that has published a retained message again since it connected: each may once. */
  readonly #repeats = new WeakMap<Entry, object>()
  /** When the messages end that expire, by topic. */
  readonly #expiring = new Map<string, number>()
  /** How the topics of presence begin. */
  readonly #presence: string
  #bytes = 0
  /** The messages that count against the limits. */
  readonly #room = { messages: 0, bytes: 0 }
  /** The topics of clients that are remembered for a while, those that went longest ago first. */
  readonly #remembered = new Set<string>()
  #rememberedBytes = 0
  /** The topics that had to make room since the last sweep. */
  #forgotten: string[] = []

  constructor({ limits, counters, root, hides }: RetainedOptions) {
    this.#tree = new NameTree(hides)
    this.#limits = limits
    this.#counters = counters
    this.#presence = `${root}/clients/`
  }

  get size(): number {
    return this.#tree.size
  }

  /** What the messages hold, without what they take in memory beside that. */
  get bytes(): number {
    return this.#bytes - this.size * OVERHEAD_BYTES
  }

  /** What counts against `limits.retainedSize`, in bytes. */
  get taken(): number {
    return this.#room.bytes
  }

  /** The message of a topic; it may have expired. */
  get(topic: string): Retained | undefined {
    const entry = this.#tree.get(topic)
    return entry && messageOf(entry)
  }

  /**
   * Takes what was retained when the hub last stopped, all of it: limits that were lowered since hold for
   * what comes.
   */
  restore(messages: Iterable<RetainedMessage>, expiry: Pick<ExpiryClock, 'momentOf'>): void {
    for (const { event, ...message } of messages) {
      const at = expiry.momentOf({ id: event, at: message.at })
      this.set(messageFrom({ ...message, at, retain: true }), event)
    }
  }

  /** Whether there is room for a message. */
  accepts(message: Message): boolean {
    if (message.payload.length === 0 || this.#isPresence(message.topic)) return true
    const before = this.#tree.get(message.topic)
    const { retainedBytes, retainedMessages } = this.#limits
    const more = sizeOf(message) - (before?.bytes ?? 0)
    const { messages, bytes } = this.#room
    const full = bytes + more > retainedBytes || (before === undefined && messages >= retainedMessages)
    if (full) this.#counters.drop('retained-full')
    return !full
  }

  /**
   * Whether a bridge has published again, unchanged, what was retained here when it connected: true once. If
   * it publishes the same later, that is news from its side.
   */
  isRepeat({ topic, payload, qos, properties }: Message, bridge: { readonly since: number }): boolean {
    const before = this.#tree.get(topic)
    if (before === undefined || before.event > bridge.since || this.#repeats.get(before) === bridge)
      return false
    this.#repeats.set(before, bridge)
    const known = messageOf(before)
    const isPlain = known.properties.length === 0 && properties.length === 0
    return isPlain && known.qos === qos && known.payload.equals(payload)
  }

  /**
   * Replaces the topic's retained message; an empty payload only removes it.
   * [MQTT-3.3.1-5] [MQTT-3.3.1-6] [MQTT-3.3.1-7] [v3 MQTT-3.3.1-5] [v3 MQTT-3.3.1-7] [v3 MQTT-3.3.1-10]
   * [v3 MQTT-3.3.1-11]
   */
  set(message: Message, event: number): void {
    const { topic, payload, expiresAt } = message
    this.delete(topic)
    if (payload.length === 0) return
    const entry = entryOf(message, event)
    this.#tree.set(topic, entry)
    this.#count(entry, 1)
    if (expiresAt === Infinity) return
    this.#expiring.set(topic, expiresAt)
    if (this.#isPresence(topic)) this.#forgetBeyond()
  }

  delete(topic: string): void {
    const before = this.#tree.get(topic)
    if (before === undefined) return
    this.#tree.delete(topic)
    this.#expiring.delete(topic)
    this.#count(before, -1)
  }

  /** Removes what has expired. Returns the topics, with those of clients that had to make room for others. */
  sweep(now: number): string[] {
    // Some clients may have come again.
    const removed = this.#forgotten.filter((topic) => this.#tree.get(topic) === undefined)
    this.#forgotten = []
    for (const [topic, expiresAt] of this.#expiring) if (expiresAt <= now) removed.push(topic)
    for (const topic of removed) this.delete(topic)
    return removed
  }

  /** Whether a message may match: false only if there is none. */
  mayMatch(filter: string): boolean {
    return this.#tree.mayMatch(filter)
  }

  /** The messages whose topic matches; some may have expired. */
  *match(filter: string): Generator<Retained> {
    for (const [, entry] of this.#tree.match(filter)) yield messageOf(entry)
  }

  /**
   * Does what `match` does in small steps, each made only when it is asked for. `null`: a step found nothing.
   */
  *search(filter: string): Generator<Retained | null> {
    for (const found of this.#tree.search(filter)) yield found === null ? null : messageOf(found[1])
  }

  #count(entry: Entry, by: 1 | -1): void {
    const { topic, event, expiresAt } = entry
    const bytes = by * entry.bytes
    this.#bytes += bytes
    if (this.#isPresence(topic)) {
      if (expiresAt === Infinity) return
      this.#rememberedBytes += bytes
      if (by === 1) this.#remembered.add(topic)
      else this.#remembered.delete(topic)
    } else if (event !== 0) {
      this.#room.messages += by
      this.#room.bytes += bytes
    }
  }

  /** Forgets the oldest beyond the bounds. Number alone is no bound: a client id may have 64 KiB. */
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

const sizeOf = (message: Message): number => messageBytes(message) + OVERHEAD_BYTES

function entryOf(message: Message, event: number): Entry {
  const { topic, payload, properties, expiryAt, qos, expiresAt } = message
  const bytes = sizeOf(message)
  return {
    topic,
    payload: pack(payload),
    properties: pack(properties),
    expiryAt,
    qos,
    expiresAt,
    event,
    bytes,
  }
}

function messageOf({ topic, payload, properties, expiryAt, qos, expiresAt, event }: Entry): Retained {
  const bytes = { topicBytes: Buffer.from(topic), payload: unpack(payload), properties: unpack(properties) }
  return { topic, ...bytes, expiryAt, qos, retain: true, expiresAt, event }
}
