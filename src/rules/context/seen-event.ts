// An event as a rule sees it: the record itself, and its MQTT 5 properties, which are decoded when read.

import type { Cause, Event, Origin, QoS } from '../../model/event.ts'
import { textOf } from './payload.ts'
import { decodePropertyBytes } from '../../mqtt/properties.ts'
import type { PropertiesOf, UserProperty } from '../../mqtt/properties.ts'

export interface SeenEvent {
  readonly id: number
  /** When the hub received it, Unix ms. */
  readonly at: number
  readonly topic: string
  /** The raw bytes. */
  readonly payload: Uint8Array
  /**
   * The payload's text as it came. Numbers of any length stand there whole, which a JavaScript number does
   * not hold.
   */
  readonly text: string
  readonly qos: QoS
  readonly retain: boolean
  readonly origin: Origin
  /** Client id of the publisher; `null` when the hub itself speaks. */
  readonly client: string | null
  readonly cause: Cause | null
  /** Where an MQTT 5 request asks to be answered; `reply` does that. */
  readonly responseTopic: string | undefined
  readonly correlationData: Uint8Array | undefined
  readonly contentType: string | undefined
  /** For how many seconds an MQTT 5 message is worth something; `undefined` for ever. */
  readonly messageExpiryInterval: number | undefined
  /** In the sender's order; names may repeat. */
  readonly userProperties: readonly UserProperty[]
}

export function seenEvent(event: Event): SeenEvent {
  let decoded: PropertiesOf<'publish'> | undefined
  const properties = (): PropertiesOf<'publish'> => (decoded ??= decodePropertyBytes(event.properties))
  return {
    id: event.id,
    at: event.at,
    topic: event.topic,
    payload: event.payload,
    get text() {
      return textOf(event.payload)
    },
    qos: event.qos,
    retain: event.retain,
    origin: event.origin,
    client: event.client,
    cause: event.cause,
    get responseTopic() {
      return properties().responseTopic
    },
    get correlationData() {
      return properties().correlationData
    },
    get contentType() {
      return properties().contentType
    },
    get messageExpiryInterval() {
      return properties().messageExpiryInterval
    },
    get userProperties() {
      return properties().userProperties ?? []
    },
  }
}
