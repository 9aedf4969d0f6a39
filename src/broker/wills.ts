// Last wills: what a client wants to be said when it goes without a word.

import type { Will as WillFields } from '../mqtt/connect.ts'
import { encodePropertyBytes } from '../mqtt/properties.ts'
import type { Hub } from './hub.ts'
import { messageFrom } from './message.ts'
import { mayPublish } from './passes.ts'
import { publishMessage } from './publish.ts'
import type { Session } from './session.ts'

export interface Will {
  readonly fields: WillFields
  readonly delaySeconds: number
}

export const willOf = (fields: WillFields | undefined): Will | null =>
  fields === undefined ? null : { fields, delaySeconds: fields.properties?.willDelayInterval ?? 0 }

/**
 * The connection has ended and did not take back its will: it is published now, or after its delay, or when the session ends,
 * whichever comes first. // [MQTT-3.1.2-8] [v3 MQTT-3.1.2-8] [MQTT-3.1.3-9]
 */
export function releaseWill(hub: Hub, session: Session): void {
  const will = session.will
  if (will === null) return // [v3 MQTT-3.1.2-12]
  if (will.delaySeconds === 0 || !session.outlives) return publishWill(hub, session)
  session.cancelWill = hub.clock.after(will.delaySeconds * 1_000, () => publishWill(hub, session))
}

/** At most once: the will is gone from the session afterwards. // [MQTT-3.1.2-10] [v3 MQTT-3.1.2-10] */
export function publishWill(hub: Hub, session: Session): void {
  const will = session.will
  dropWill(session)
  if (will === null) return
  const {
    topic,
    payload,
    qos,
    retain,
    properties: { willDelayInterval: _delay, ...properties } = {},
  } = will.fields
  if (!mayPublish(session.pass, hub.routes.of(topic))) return hub.counters.drop('denied')
  const message = messageFrom({
    topic,
    payload,
    qos,
    retain, // [MQTT-3.1.2-14] [MQTT-3.1.2-15] [v3 MQTT-3.1.2-16] [v3 MQTT-3.1.2-17]
    properties: encodePropertyBytes(properties), // [MQTT-3.1.3-10]
    at: hub.clock.now(),
  })
  publishMessage(hub, message, { origin: 'will', client: session.clientId, cause: null })
}

export function dropWill(session: Session): void {
  session.cancelWill?.()
  session.cancelWill = null
  session.will = null
}
