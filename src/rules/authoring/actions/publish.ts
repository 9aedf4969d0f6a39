// `publish(topic, payload, { qos, retain })` publishes an MQTT message in the name of the hub. Always: a
// topic that is no legal name is refused here, where its rule is known.

import type { QoS } from '../../../model/event.ts'
import type { JsonObject } from '../../../model/json.ts'
import { topicNameProblem } from '../../../topics/names.ts'
import { show } from '../../../base/show.ts'
import { action } from './action.ts'
import type { Action, ActionOptions } from './action.ts'
import { payloadSpec } from './content.ts'
import { flag, object, oneOf, requireOptions } from './options.ts'

export interface PublishOptions extends ActionOptions {
  /** The QoS of the message; by default 1. */
  readonly qos?: QoS
  /** `true`: the message is retained. By default `false`. */
  readonly retain?: boolean
  /** MQTT 5 properties, such as `{ contentType: 'text/plain', messageExpiryInterval: 60 }`. */
  readonly properties?: JsonObject
}

export const PUBLISH_DEFAULTS = { timeout: '30s', attempts: 5 } as const

const KINDS = { qos: oneOf(0, 1, 2), retain: flag, properties: object }

/**
 * Publishes an MQTT message in the name of the hub. 5 attempts of 30 seconds unless options say otherwise.
 * @param payload text and bytes are sent as they are, anything else as JSON
 * @throws TypeError when the topic is no legal topic name or an option is wrong
 */
export function publish(topic: string, payload?: unknown, options: PublishOptions = {}): Action {
  requireOptions('publish', options, KINDS)
  if (typeof topic !== 'string') throw new TypeError(`publish: the topic is to be a text, got ${show(topic)}`)
  const { qos = 1, retain = false, properties } = options
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
