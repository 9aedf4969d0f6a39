// Makes an event into what is sent: its name and its properties at the far side, or why it is not sent.

import type { BridgeDrop } from '../../model/bridge.ts'
import { bridgeClient } from '../../model/bridge.ts'
import type { QoS } from '../../model/event.ts'
import { leave, propertiesOf } from '../../model/passage.ts'
import type { BridgedEvent } from '../../model/queries.ts'
import type { PublishPacket } from '../../mqtt/publish.ts'
import type { Mapping } from '../messages/mapping.ts'
import type { BridgeSettings } from '../settings.ts'

export type Draft = Omit<PublishPacket, 'packetId'>

/** A message, or why it is not sent; `null` stands for one that is not for the far side at all. */
export type Outgoing = { readonly draft: Draft } | { readonly drop: BridgeDrop } | null

export interface OutgoingPorts {
  readonly settings: Pick<BridgeSettings, 'name' | 'retain' | 'broker'>
  readonly mapping: Mapping
  readonly hubId: string
}

/** Where the message goes: what is known of the far side. */
export interface FarSide {
  /** The id of the hub there, if it is one. */
  readonly hubId: string | undefined
  readonly maximumQos: QoS
  readonly retainAvailable: boolean
}

type OutgoingEvent = Pick<
  BridgedEvent,
  'topic' | 'payload' | 'qos' | 'retain' | 'origin' | 'client' | 'properties' | 'cause' | 'root' | 'at'
> & { readonly id: number | undefined }

/**
 * The message has its whole expiry: see `aged`.
 * @param now by the wall clock, for messages that have expired
 */
export function outgoing(
  event: OutgoingEvent,
  { settings, mapping, hubId }: OutgoingPorts,
  far: FarSide,
  now: number,
): Outgoing {
  const isOwn = event.origin === 'bridge' && event.client === bridgeClient(settings.name)
  if (isOwn || event.origin === 'retained' || event.origin === 'redelivered') return null
  const mapped = mapping.outward(event.topic)
  if (mapped === undefined) return null
  if (!canHave(settings.broker, mapped.topic)) return { drop: 'untranslatable' }
  const properties = propertiesOf(event.properties)
  const left = leave(
    { event: event.id, cause: event.cause, properties, root: propertiesOf(event.root ?? null) },
    hubId,
    far.hubId,
  )
  if (left === undefined) return { drop: 'loop' }
  const { buffer, byteOffset, length } = event.payload
  const draft: Draft = {
    type: 'publish',
    topic: mapped.topic,
    payload: Buffer.from(buffer, byteOffset, length),
    qos: Math.min(event.qos, mapped.qos, far.maximumQos) as QoS,
    retain: event.retain && settings.retain && far.retainAvailable,
    dup: false,
    properties: left,
  }
  return aged(draft, now - event.at) === undefined ? { drop: 'expired' } : { draft }
}

/** RabbitMQ writes `.` for `/` in its own names, and back; NATS takes no spaces. */
const canHave = (broker: BridgeSettings['broker'], topic: string): boolean =>
  broker === 'rabbitmq' ? !topic.includes('.') : broker === 'nats' ? !/\s/.test(topic) : true

/** The message with what is left of its expiry; `undefined` when it has expired. */
export function aged(draft: Draft, ageMs: number): Draft | undefined {
  const { messageExpiryInterval } = draft.properties ?? {}
  if (messageExpiryInterval === undefined) return draft
  const left = messageExpiryInterval - Math.floor(Math.max(0, ageMs) / 1_000)
  if (left <= 0) return undefined
  return { ...draft, properties: { ...draft.properties, messageExpiryInterval: left } } // [MQTT-3.3.2-6]
}
