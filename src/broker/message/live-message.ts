// A message on its way through the hub: views of the bytes it came in, and what was found out about it. One
// object is filled anew for each message, so nobody holds on to it: who needs the message for longer asks
// `copy` for one.

import type { QoS } from '../../model/event.ts'
import { createPublishDraft, type PublishDraft } from '../../mqtt/publish-draft.ts'
import type { Message } from './message.ts'

export class LiveMessage {
  topic = ''
  /** As published. */
  qos: QoS = 0
  retain = false
  expiresAt = Infinity
  /** The session of the client that published the message, compared by identity; `null` for the hub's own. */
  publisher: object | null = null
  /** The bytes of topic, payload and message properties. The other fields are set for each encoding. */
  readonly draft: PublishDraft = createPublishDraft(5)
  /** The event that records the message; 0 when nobody needs it recorded. */
  event = 0
  #copied: Message | null = null

  /** Begins with another message; the fields are the caller's to fill. */
  begin(): void {
    this.#copied = null
    this.event = 0
  }

  fill(message: Message, now: number): void {
    this.topic = message.topic
    this.qos = message.qos
    this.retain = message.retain
    this.expiresAt = message.expiresAt
    this.publisher = null
    this.event = 0
    this.#copied = message
    const { draft } = this
    draft.topic = message.topicBytes
    draft.topicStart = 0
    draft.topicEnd = message.topicBytes.length
    draft.payload = message.payload
    draft.payloadStart = 0
    draft.payloadEnd = message.payload.length
    draft.properties = message.properties
    draft.propertiesStart = 0
    draft.propertiesEnd = message.properties.length
    draft.messageExpiryAt = message.expiryAt
    // [MQTT-3.3.2-6] the time that the message waited here is taken off
    if (message.expiryAt >= 0) {
      draft.messageExpiry = Math.max(0, Math.ceil((message.expiresAt - now) / 1_000))
    }
  }

  /** The message with bytes of its own; made once, however often it is asked for. */
  copy(): Message {
    return (this.#copied ??= this.#copyBytes())
  }

  #copyBytes(): Message {
    const {
      topic,
      payload,
      payloadStart,
      payloadEnd,
      properties,
      propertiesStart,
      propertiesEnd,
      messageExpiryAt,
    } = this.draft
    return {
      topic: this.topic,
      topicBytes: topic,
      payload: Buffer.from(payload.subarray(payloadStart, payloadEnd)),
      properties: Buffer.from(properties.subarray(propertiesStart, propertiesEnd)),
      expiryAt: messageExpiryAt < 0 ? -1 : messageExpiryAt - propertiesStart,
      qos: this.qos,
      retain: this.retain,
      expiresAt: this.expiresAt,
    }
  }
}
