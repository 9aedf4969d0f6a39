// An event: a message as it is recorded. Everything that the hub notices becomes one.

import type { JsonObject } from './json.ts'

/** The origins of events. The position in the list is the number in the store: append only. */
export const ORIGINS = ['live', 'retained', 'redelivered', 'will', 'hub', 'http', 'bridge'] as const
export type Origin = (typeof ORIGINS)[number]

export type QoS = 0 | 1 | 2

/** An event as the broker hands it to the journal. */
export interface NewEvent {
  /** The moment at which the hub received it, Unix ms. */
  readonly at: number
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: QoS
  /**
   * The publisher asked the hub to retain it as the topic's message (an empty payload removes the retained
   * message).
   */
  readonly retain: boolean
  readonly origin: Origin
  /** Client id of the publisher; `null` when the hub itself is the publisher. */
  readonly client: string | null
  /**
   * MQTT 5 message properties that are forwarded, as they stand on the wire, without their length; `null`
   * when there are none.
   */
  readonly properties: Uint8Array | null
  /** The event and run of which this event is a consequence; `null` for an event from outside. */
  readonly cause: Cause | null
  /** `false`: history excludes it; it is stored only until the engine has passed it. */
  readonly recorded: boolean
}

/** An event in the journal. */
export interface Event extends NewEvent {
  /** The position in the journal. Ids ascend, and none is used twice. */
  readonly id: number
}

/** An event without the parts that may be large. */
export type EventHead = Omit<Event, 'payload' | 'properties'>

export const headOf = ({ payload: _payload, properties: _properties, ...head }: Event): EventHead => head

/** The reason why an event was published: another event, and the run that it caused. */
export interface Cause {
  readonly event: number
  readonly run: number | null
  /** Length of the chain of causes: 1 for a direct consequence of an outside event. */
  readonly depth: number
}

/** A chain of causes longer than this is cut, with an alert. */
export const DEEPEST_CAUSE = 16

/** A message that the engine, the watchers or HTTP ask the broker to publish in the hub's name. */
export interface Publication {
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: QoS
  readonly retain: boolean
  readonly origin: Extract<Origin, 'hub' | 'http' | 'bridge'>
  readonly cause: Cause | null
  /** MQTT 5 properties as JSON; see `json-properties.ts`, and `mqtt/properties.ts` for their names. */
  readonly properties?: JsonObject
}
