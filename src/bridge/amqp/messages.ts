// An event as an AMQP 0-9-1 message, and back: names, properties, and the way over hubs that it has come. Keys
// and topics are made of each other as RabbitMQ's MQTT plugin does it: `.` in a key stands for `/` in a topic.

import type { Options } from 'amqplib'
import type { BridgeDrop } from '../../model/bridge.ts'
import { bridgeClient } from '../../model/bridge.ts'
import { leave, type MessageProperties, propertiesOf } from '../../model/passage.ts'
import type { BridgedEvent } from '../../model/queries.ts'
import type { UserProperty } from '../../mqtt/properties.ts'
import type { Hides } from '../../topics/hidden.ts'
import { topicMatches } from '../../topics/matches.ts'
import { topicNameProblem } from '../../topics/names.ts'
import type { FromQueue, ToExchange } from './settings.ts'

/** [AMQP 0-9-1, 3.1.3.1]: a short string, in bytes. */
const LONGEST_KEY = 255
const CONTENT_TYPE = 'contentType'

export interface Draft {
  readonly exchange: string
  readonly key: string
  readonly content: Buffer
  readonly options: Options.Publish
}

export interface OutgoingPorts {
  readonly name: string
  readonly hubId: string
  readonly out: readonly ToExchange[]
  /** Which local topics a wildcard in the first level does not reach. */
  readonly hides: Hides
}

/** A message, or why it is not sent; `null` stands for one that is not for the far side at all. */
export type Outgoing = { readonly draft: Draft } | { readonly drop: BridgeDrop } | null

/** @param now by the wall clock, for messages that have expired */
export function outgoing(
  event: BridgedEvent,
  { name, hubId, out, hides }: OutgoingPorts,
  now: number,
): Outgoing {
  const isOwn = event.origin === 'bridge' && event.client === bridgeClient(name)
  if (isOwn || event.origin === 'retained' || event.origin === 'redelivered') return null
  const way = out.find(({ from, filter }) => topicMatches(from + filter, event.topic, hides))
  if (way === undefined) return null
  const key = way.key ?? keyOf(event.topic.startsWith(way.from) ? event.topic.slice(way.from.length) : '')
  if (key === undefined || Buffer.byteLength(key) > LONGEST_KEY) return { drop: 'untranslatable' }
  const properties = propertiesOf(event.properties)
  const root = propertiesOf(event.root ?? null)
  const left = leave({ event: event.id, cause: event.cause, properties, root }, hubId, undefined)
  if (left === undefined) return { drop: 'loop' }
  const { messageExpiryInterval } = left
  const leftMs =
    messageExpiryInterval === undefined ? undefined : messageExpiryInterval * 1_000 - (now - event.at)
  if (leftMs !== undefined && leftMs <= 0) return { drop: 'expired' }
  const { buffer, byteOffset, length } = event.payload
  return {
    draft: {
      exchange: way.exchange,
      key,
      content: Buffer.from(buffer, byteOffset, length),
      options: {
        // A queue that lasts keeps it on its disk.
        persistent: event.qos > 0,
        mandatory: true,
        // Who gets it twice knows it by this.
        messageId: `${hubId}-${event.id}`,
        timestamp: Math.floor(event.at / 1_000),
        appId: 'vigie',
        headers: { ...headersOf(left), 'vigie-topic': event.topic },
        ...(left.contentType !== undefined && { contentType: left.contentType }),
        ...(left.correlationData !== undefined && {
          correlationId: Buffer.from(left.correlationData).toString('utf8'),
        }),
        ...(leftMs !== undefined && { expiration: leftMs }),
      },
    },
  }
}

/** `undefined` where the key would come back as another topic. */
const keyOf = (topic: string): string | undefined =>
  topic.includes('.') || topic === '' ? undefined : topic.replaceAll('/', '.')

/** Of properties with the same name, the last one counts: a table has each name once. */
const headersOf = ({ userProperties = [] }: MessageProperties): Record<string, string> =>
  Object.fromEntries(userProperties)

/** What is read of a message of a queue. */
export interface Delivery {
  readonly key: string
  readonly content: Buffer
  readonly properties: {
    readonly headers?: Readonly<Record<string, unknown>> | undefined
    readonly contentType?: unknown
    readonly correlationId?: unknown
    readonly expiration?: unknown
  }
}

/** The local topic of a message, or why it can have none. */
export function topicOf(key: string, { to, topic }: FromQueue): string | { readonly problem: string } {
  const name = topic ?? to + key.replaceAll('.', '/')
  const problem = key.includes('/') && topic === undefined ? `its key holds '/'` : topicNameProblem(name)
  return problem === undefined ? name : { problem }
}

/** The MQTT properties of a message: texts, numbers and flags of its headers become user properties. */
export function mqttProperties({ properties }: Delivery): MessageProperties {
  const { headers = {}, contentType, correlationId, expiration } = properties
  const userProperties = Object.entries(headers).flatMap(([name, value]): UserProperty[] =>
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? [[name, String(value)]]
      : [],
  )
  const expiryMs = typeof expiration === 'string' && /^\d+$/.test(expiration) ? Number(expiration) : undefined
  return {
    ...(userProperties.length > 0 && { userProperties }),
    ...(typeof contentType === 'string' && { [CONTENT_TYPE]: contentType }),
    ...(typeof correlationId === 'string' && { correlationData: Buffer.from(correlationId) }),
    ...(expiryMs !== undefined && { messageExpiryInterval: Math.ceil(expiryMs / 1_000) }),
  }
}
