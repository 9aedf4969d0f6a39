// A message that has to outlive the chunk it came in: retained, waiting for a client, kept for a resend, or a
// will.

import type { Publication, QoS } from '../../model/event.ts'
import { jsonPropertyBytes } from '../../model/json-properties.ts'
import type { MessageSize } from '../../model/publication-size.ts'
import { EMPTY } from '../../mqtt/bytes.ts'
import { findMessageExpiry } from '../../mqtt/publish-properties.ts'

export interface Message {
  readonly topic: string
  readonly topicBytes: Buffer
  readonly payload: Buffer
  /** The MQTT 5 properties that are forwarded, as they stand on the wire without their length. */
  readonly properties: Buffer
  /** Where in `properties` the four bytes of the message expiry lie; -1 when the message has none. */
  readonly expiryAt: number
  readonly qos: QoS
  readonly retain: boolean
  /**
   * From this moment on, by the expiry clock, nobody is owed the message any more; Infinity without message
   * expiry.
   */
  readonly expiresAt: number
}

/** A message that is kept for those who subscribe later. */
export interface Retained extends Message {
  /** The event that brought it; 0 for `$SYS`, which the journal does not hold. */
  readonly event: number
}

export interface MessageFields {
  readonly topic: string
  readonly payload: Uint8Array
  readonly properties: Uint8Array | null
  readonly qos: QoS
  readonly retain: boolean
  /** When it was published, by the expiry clock. */
  readonly at: number
}

export function messageFrom({ topic, payload, properties, qos, retain, at }: MessageFields): Message {
  const bytes = properties === null ? EMPTY : asBuffer(properties)
  const expiryAt = findMessageExpiry(bytes, 0, bytes.length)
  return {
    topic,
    topicBytes: Buffer.from(topic),
    payload: asBuffer(payload),
    properties: bytes,
    expiryAt,
    qos,
    retain,
    expiresAt: expiryAt < 0 ? Infinity : at + bytes.readUInt32BE(expiryAt) * 1_000,
  }
}

/** @param at when it was published, by the expiry clock */
export const messageOf = ({ topic, payload, qos, retain, properties }: Publication, at: number): Message =>
  messageFrom({
    topic,
    payload,
    qos,
    retain,
    properties: properties === undefined ? null : jsonPropertyBytes(properties),
    at,
  })

export const sizeOf = ({ payload, topicBytes, properties }: Message): MessageSize => ({
  topic: topicBytes.length,
  payload: payload.length,
  properties: properties.length,
})

export const messageBytes = ({ payload, topicBytes, properties }: Message): number =>
  payload.length + topicBytes.length + properties.length

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
