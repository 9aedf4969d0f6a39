// A level of a topic in the index of the page: its place in the tree, what was published on it and below it, and
// the beginning of its last payload.

import type { ObservedMessage } from '../../model/observer.ts'

/** So much of a payload is kept for a row; the rest is asked for when somebody opens the topic. */
export const PREVIEW_BYTES = 256

export interface LastValue {
  readonly payload: Uint8Array
  /** Length of the whole payload. */
  readonly bytes: number
  readonly qos: number
  readonly event: number
}

export class TopicNode {
  /** The index that it belongs to: nodes of an index that is gone are known by it. */
  readonly owner: object
  readonly name: string
  readonly parent: TopicNode | null
  children: Map<string, TopicNode> | null = null
  /** The children in order, but for those that came since the last `sortSome`. */
  readonly sorted: TopicNode[] = []
  readonly unsorted: TopicNode[] = []

  /** Whether something was published on exactly this topic. */
  isTopic = false
  /** Topics and messages from here downwards. */
  topics = 0
  messages = 0
  /** Messages on exactly this topic that are not yet part of `messages`. */
  fresh = 0
  /** The newest event on exactly this topic, or of the history. */
  event = 0
  /** The newest message from here downwards, Unix ms; 0: none is known. */
  lastAt = 0
  /** Messages a second from here downwards when `ratedAt` was; it decays from then on. */
  rate = 0
  ratedAt = 0
  /** The number of the frame in which something changed here. */
  changed = 0

  /** How many messages are still copied until the next frame; behind them the value is stale. */
  copies = 0
  /** The last value is not held here, or is an older one: the history has it. */
  isStale = true
  /** How often the history was asked for the last value without having it. */
  asked = 0
  #kept: Buffer | null = null
  #length = 0
  #bytes = 0
  #qos = 0
  #valueEvent = 0

  constructor(owner: object, name: string, parent: TopicNode | null) {
    this.owner = owner
    this.name = name
    this.parent = parent
  }

  get topic(): string {
    const { parent } = this
    return parent === null || parent.parent === null ? this.name : `${parent.topic}/${this.name}`
  }

  /** The last value that is held; `null` when none is. */
  get value(): LastValue | null {
    if (this.#kept === null) return null
    return {
      payload: this.#kept.subarray(0, this.#length),
      bytes: this.#bytes,
      qos: this.#qos,
      event: this.#valueEvent,
    }
  }

  /** Keeps the beginning of a message as the last value. */
  keep({ draft, qos, event }: ObservedMessage): void {
    const { payload, payloadStart, payloadEnd } = draft
    this.#hold(payload, payloadStart, payloadEnd)
    this.#bytes = payloadEnd - payloadStart
    this.#qos = qos
    this.#valueEvent = event
    this.isStale = false
  }

  /** Takes what the history has, unless a newer message is held by now. */
  restore({ payload, bytes, qos, event }: LastValue): void {
    if (event < this.#valueEvent) return
    this.#hold(Buffer.from(payload.buffer, payload.byteOffset, payload.length), 0, payload.length)
    this.#bytes = bytes
    this.#qos = qos
    this.#valueEvent = event
    if (event >= this.event) this.isStale = false
  }

  #hold(bytes: Buffer, start: number, end: number): void {
    const length = Math.min(end - start, PREVIEW_BYTES)
    if (this.#kept === null || this.#kept.length < length)
      this.#kept = Buffer.allocUnsafeSlow(
        Math.min(PREVIEW_BYTES, Math.max(32, 2 ** Math.ceil(Math.log2(length)))),
      )
    bytes.copy(this.#kept, 0, start, start + length)
    this.#length = length
  }
}
