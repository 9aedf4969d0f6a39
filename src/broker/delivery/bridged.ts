// A message that came over a bridge: published as a client's would be, but for the topics that are the hub's
// own. A command may come in where the settings of the bridge spell its topic out; nothing else under the
// hub's root may.

import type { QoS } from '../../model/event.ts'
import { sizeProblem } from '../../model/publication-size.ts'
import type { Clock } from '../../base/clock.ts'
import type { Limits } from '../bounds/limits.ts'
import { messageFrom, sizeOf } from '../message/message.ts'
import type { RetainedMessages } from '../routing/retained.ts'
import type { Routes } from '../routing/routing.ts'
import type { Arrivals } from './arrivals.ts'
import type { Publisher } from './publisher.ts'

export interface BridgedMessage {
  readonly topic: string
  readonly payload: Buffer
  readonly qos: QoS
  readonly retain: boolean
  /** As they stand on the wire, without their length; `null` for none. */
  readonly properties: Buffer | null
  /** Names the bridge. */
  readonly client: string
  /** Not to be published when the same is retained on the topic already. */
  readonly isRepeat: boolean
}

export interface BridgedPorts {
  readonly limits: Limits
  readonly expiry: Pick<Clock, 'now'>
  readonly retained: RetainedMessages
  readonly routes: Routes
  readonly publisher: Publisher
  readonly arrivals: Arrivals
}

/**
 * Returns the event, which need not be committed yet, or `AT_ONCE`. The event of a repeat is the one before.
 * @throws an error with a sentence, when the message is not taken
 */
export const takeBridged = (ports: BridgedPorts, message: BridgedMessage): number =>
  ports.arrivals.once(message, () => publish(ports, message))

function publish(
  { limits, expiry, retained, routes, publisher }: BridgedPorts,
  { client, isRepeat, ...fields }: BridgedMessage,
): number {
  const routing = routes.of(fields.topic)
  if (routing.closed) throw new Error('only the hub itself publishes there')
  const before = isRepeat ? retained.get(fields.topic) : undefined
  if (before?.payload.equals(fields.payload) === true) return before.event
  const message = messageFrom({ ...fields, at: expiry.now() })
  const problem = sizeProblem(sizeOf(message), limits.packetBytes)
  if (problem !== undefined) throw new Error(problem)
  return publisher.publishMessage(message, { origin: 'bridge', client, cause: null }, routing)
}
