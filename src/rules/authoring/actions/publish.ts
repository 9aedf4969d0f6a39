// `publish(topic, payload, { qos, retain, expiry, … })` publishes an MQTT message in the name of the hub. Always: a
// topic that is no legal name is refused here, where its rule is known.

import type { QoS } from '../../../model/event.ts'
import type { JsonObject } from '../../../model/json.ts'
import type { UserProperty } from '../../../mqtt/properties.ts'
import { topicNameProblem } from '../../../topics/names.ts'
import { parseDuration } from '../../../base/quantities.ts'
import type { Duration } from '../../../base/quantities.ts'
import { show } from '../../../base/show.ts'
import { action } from './action.ts'
import type { Action, ActionOptions } from './action.ts'
import { payloadSpec } from './content.ts'
import { duration, flag, object, oneOf, requireOptions, text } from './options.ts'
import type { Kind } from './options.ts'

export interface PublishOptions extends ActionOptions {
  /** The QoS of the message; by default 1. */
  readonly qos?: QoS
  /** `true`: the message is retained. By default `false`. */
  readonly retain?: boolean
  /**
   * MQTT 5: after this time the message is worth nothing. Who has not got it by then does not get it, and it is
   * no longer retained. Whole seconds, rounded up; by default it never expires.
   */
  readonly expiry?: Duration
  /** MQTT 5: what the payload is, such as `'application/json'`. */
  readonly contentType?: string
  /** MQTT 5: the topic on which an answer is expected. */
  readonly responseTopic?: string
  /** MQTT 5: bytes or a text that come back with the answer. */
  readonly correlationData?: string | Uint8Array
  /** MQTT 5: names and texts; in an array of pairs a name may stand more than once. */
  readonly userProperties?: Readonly<Record<string, string>> | readonly UserProperty[]
  /** MQTT 5 properties as the protocol names them, such as `{ payloadFormatIndicator: 1 }`. */
  readonly properties?: JsonObject
}

export const PUBLISH_DEFAULTS = { timeout: '30s', attempts: 5 } as const

const bytesOrText: Kind = {
  expected: 'a text or bytes',
  test: (value) => typeof value === 'string' || value instanceof Uint8Array,
}
const isPair = (value: unknown): boolean =>
  Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === 'string')
const userProperties: Kind = {
  expected: 'an object of texts, or an array of pairs of texts',
  test: (value) =>
    typeof value === 'object' &&
    value !== null &&
    (Array.isArray(value)
      ? value.every(isPair)
      : Object.values(value).every((each) => typeof each === 'string')),
}

const KINDS = {
  qos: oneOf(0, 1, 2),
  retain: flag,
  expiry: duration(false),
  contentType: text,
  responseTopic: text,
  correlationData: bytesOrText,
  userProperties,
  properties: object,
}

/**
 * Publishes an MQTT message in the name of the hub. 5 attempts of 30 seconds unless options say otherwise.
 * @param payload text and bytes are sent as they are, anything else as JSON
 * @throws TypeError when the topic is no legal topic name or an option is wrong
 */
export function publish(topic: string, payload?: unknown, options: PublishOptions = {}): Action {
  requireOptions('publish', options, KINDS)
  if (typeof topic !== 'string') throw new TypeError(`publish: the topic is to be a text, got ${show(topic)}`)
  const { qos = 1, retain = false } = options
  const properties = propertiesIn(options)
  const problem = topicNameProblem(topic)
  if (problem !== undefined) throw new TypeError(`publish: ${problem}`)
  return action(
    'publish',
    {
      kind: 'spec',
      spec: {
        kind: 'publish',
        topic,
        payload: payloadSpec('publish', payload),
        qos,
        retain,
        ...(properties && { properties }),
      },
    },
    options,
    PUBLISH_DEFAULTS,
  )
}

/** The longest expiry that MQTT can say, in seconds (MQTT 5.0, section 3.3.2.3.3). */
const LONGEST_EXPIRY_S = 2 ** 32 - 1

/** The properties as a step keeps them: JSON, in which correlation data are base64. */
function propertiesIn(options: PublishOptions): JsonObject | undefined {
  const { expiry, contentType, responseTopic, correlationData, userProperties: pairs, properties } = options
  const problem = responseTopic === undefined ? undefined : topicNameProblem(responseTopic)
  if (problem !== undefined) throw new TypeError(`publish: responseTopic: ${problem}`)
  const named: JsonObject = {
    ...(expiry !== undefined && { messageExpiryInterval: expirySeconds(expiry) }),
    ...(contentType !== undefined && { contentType }),
    ...(responseTopic !== undefined && { responseTopic }),
    ...(correlationData !== undefined && {
      correlationData: Buffer.from(correlationData).toString('base64'),
    }),
    ...(pairs !== undefined && { userProperties: pairsOf(pairs) }),
  }
  for (const name of Object.keys(named))
    if (properties !== undefined && name in properties)
      throw new TypeError(`publish: properties: ${name} is given by an option of its own as well`)
  const all = { ...properties, ...named }
  return Object.keys(all).length === 0 ? properties : all
}

function expirySeconds(expiry: Duration): number {
  const seconds = Math.ceil(parseDuration(expiry) / 1_000)
  if (seconds <= LONGEST_EXPIRY_S) return seconds
  throw new TypeError(`publish: expiry: ${expiry} is longer than MQTT can say (136 years)`)
}

const pairsOf = (given: NonNullable<PublishOptions['userProperties']>): [string, string][] =>
  (Array.isArray(given) ? (given as readonly UserProperty[]) : Object.entries(given)).map(([name, value]) => [
    name,
    value,
  ])
