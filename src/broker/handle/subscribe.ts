import { encodeSuback } from '../../mqtt/suback.ts'
import { decodeSubscribe, type Subscription as Asked } from '../../mqtt/subscribe.ts'
import { ReasonCode } from '../../mqtt/reason-codes.ts'
import { levelCount, parseSubscription, TopicError } from '../../topics/names.ts'
import type { Connection } from '../connection.ts'
import type { Hub } from '../hub.ts'
import type { Session, Subscription } from '../session.ts'

/** Takes the subscriptions, says which, then sends what is retained under them. // [MQTT-3.8.4-1] [v3 MQTT-3.8.4-1] */
export function handleSubscribe(
  connection: Connection,
  session: Session,
  buffer: Buffer,
  start: number,
  end: number,
): void {
  const { hub, version } = connection
  const { packetId, subscriptions, properties } = decodeSubscribe(version, buffer, start, end)
  const identifier = properties?.subscriptionIdentifier ?? 0
  const withRetained: Subscription[] = []
  const reasonCodes = subscriptions.map((asked) => {
    const refusal = refusalOf(hub, session, asked.filter)
    if (refusal !== undefined) return refusal
    const { filter, qos, noLocal, retainAsPublished } = asked
    const subscription = { session, filter, qos, noLocal, retainAsPublished, identifier }
    const isNew = hub.sessions.subscribe(hub, subscription) // [MQTT-3.8.4-3] [v3 MQTT-3.8.4-3]
    if (wantsRetained(asked, isNew)) withRetained.push(subscription)
    return qos // [MQTT-3.8.4-8] always what was asked for
  })
  // [MQTT-3.8.4-2] [MQTT-3.8.4-5] [MQTT-3.8.4-6] [v3 MQTT-3.8.4-2] [v3 MQTT-3.8.4-4] [v3 MQTT-3.8.4-5]
  connection.send(encodeSuback({ type: 'suback', packetId, reasonCodes }, version))
  for (const subscription of withRetained) hub.delivery.sendRetained(connection, subscription)
}

// [MQTT-3.3.1-9] [MQTT-3.3.1-10] [MQTT-3.3.1-11]
const wantsRetained = ({ retainHandling }: Asked, isNew: boolean): boolean =>
  retainHandling === 0 || (retainHandling === 1 && isNew)

function refusalOf(hub: Hub, session: Session, text: string): ReasonCode | undefined {
  const { topicBytes, topicLevels, subscriptionsPerSession } = hub.limits
  let filter: string
  try {
    const parsed = parseSubscription(text)
    if (parsed.group !== undefined) return ReasonCode.SharedSubscriptionsNotSupported
    filter = parsed.filter
  } catch (error) {
    if (error instanceof TopicError) return ReasonCode.TopicFilterInvalid
    throw error
  }
  if (Buffer.byteLength(text) > topicBytes || levelCount(text) > topicLevels)
    return ReasonCode.TopicFilterInvalid
  if (session.pass.rights?.maySubscribe(filter) === false) {
    hub.counters.deniedSubscriptions++
    return ReasonCode.NotAuthorized
  }
  const full = session.subscriptions.size >= subscriptionsPerSession && !session.subscriptions.has(text)
  return full ? ReasonCode.QuotaExceeded : undefined
}
