// Last wills: what a client wants to be said when it goes without a word.

import type { QoS } from '../../model/event.ts'
import type { Will as WillFields } from '../../mqtt/connect.ts'
import { encodePropertyBytes } from '../../mqtt/properties.ts'
import { afterGrace } from '../socket/grace.ts'
import type { Hub } from '../connection/hub.ts'
import { messageFrom } from '../message/message.ts'
import { mayPublish } from '../session/rights.ts'
import { publishMessage } from '../delivery/publisher.ts'
import type { Session } from '../session/session.ts'

export interface Will {
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: QoS
  readonly retain: boolean
  /** As they are forwarded. // [MQTT-3.1.3-10] */
  readonly properties: Uint8Array
  readonly delaySeconds: number
}

/** The client leaves a will with us: it is kept before the client hears that it is connected. */
export function takeWill(hub: Hub, session: Session, fields: WillFields): void {
  const { topic, payload, qos, retain } = fields
  const { willDelayInterval = 0, ...properties } = fields.properties ?? {}
  // The packet's bytes are read over by the next.
  const will = {
    topic,
    payload: Buffer.from(payload),
    qos,
    retain,
    properties: encodePropertyBytes(properties),
  }
  session.will = { ...will, delaySeconds: willDelayInterval }
  hub.journal.will(session, session.will)
}

/**
 * The connection has ended and did not take back its will: it is published now, or after its delay, or when the session ends,
 * whichever comes first. // [MQTT-3.1.2-8] [v3 MQTT-3.1.2-8] [MQTT-3.1.3-9]
 */
export function releaseWill(hub: Hub, session: Session): void {
  const will = session.will
  if (will === null) return // [v3 MQTT-3.1.2-12]
  if (will.delaySeconds === 0 || !session.outlives) return publishWill(hub, session)
  hub.journal.willDue(session, hub.clock.now() + will.delaySeconds * 1_000)
  publishWillAfter(hub, session, will.delaySeconds * 1_000)
}

export function publishWillAfter(hub: Hub, session: Session, delayMs: number): void {
  session.cancelWill = afterGrace(hub.clock, delayMs, () => publishWill(hub, session))
}

/** At most once: the will goes into the journal and out of the session in one piece, and is gone from the session afterwards. // [MQTT-3.1.2-10] [v3 MQTT-3.1.2-10] */
export function publishWill(hub: Hub, session: Session): void {
  const { will } = session
  if (will === null) return
  // [MQTT-3.1.2-14] [MQTT-3.1.2-15] [v3 MQTT-3.1.2-16] [v3 MQTT-3.1.2-17]: as the client asked, retained or not
  const routing = hub.routes.ofTaken(will.topic)
  if (mayPublish(session.pass, routing)) {
    const message = messageFrom({ ...will, at: hub.clock.now() })
    publishMessage(hub, message, { origin: 'will', client: session.clientId, cause: null }, routing)
  } else hub.counters.drop('denied')
  dropWill(hub, session)
}

export function dropWill(hub: Hub, session: Session): void {
  session.cancelWill?.()
  session.cancelWill = null
  if (session.will === null) return
  session.will = null
  hub.journal.willGone(session)
}
