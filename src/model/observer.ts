// What the broker tells of every message while somebody looks on, such as the page. An observer is called on the
// way of each message, after it was appended and before it is delivered: it counts and copies a few bytes, and
// leaves everything else for later.

import type { Origin, QoS } from './event.ts'

export interface ObservedTopic {
  readonly topic: string
  /** Whether history takes what is published here. */
  readonly recorded: boolean
  /** Where the observer keeps what it knows of the topic. The broker may forget it, and then it is `null`. */
  observed: object | null
}

/** The bytes are there during the call alone. */
export interface ObservedMessage {
  readonly qos: QoS
  readonly retain: boolean
  /** The event that records the message; 0 when nobody needs it recorded. */
  readonly event: number
  readonly draft: {
    readonly payload: Buffer
    readonly payloadStart: number
    readonly payloadEnd: number
  }
}

/** @param client id of the publisher; `null`: the hub itself */
export type Observer = (
  topic: ObservedTopic,
  message: ObservedMessage,
  origin: Origin,
  client: string | null,
) => void
