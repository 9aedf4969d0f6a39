// SUBSCRIBE: takes subscriptions, or refuses them one by one.

import { encodeSuback } from '../../mqtt/suback.ts'
import { openSubscribe, type Subscription as Asked } from '../../mqtt/subscribe.ts'
import { ReasonCode } from '../../mqtt/reason-codes.ts'
import { isShared, levelCount, parseSubscription, quote } from '../../topics/names.ts'
import { FEED_WORK, FILTER_WORK } from '../bounds/turns.ts'
import type { Connection } from '../connection/connection.ts'
import type { Hub } from '../connection/hub.ts'
import type { Session, Subscription } from '../session/session.ts'
import { inTurns, subscriptionWork } from './in-turns.ts'

/**
 * Takes the subscriptions, says which, then sends what is retained under them. An ill-formed filter ends the
 * connection, and nothing of its packet takes effect.
 * [MQTT-3.8.4-1] [v3 MQTT-3.8.4-1]
 */
export function handleSubscribe(
  connection: Connection,
  session: Session,
  buffer: Buffer,
  start: number,
  end: number,
): void {
  const { hub, version } = connection
  // Copied, as thousands of subscriptions may wait for their turn.
  const bytes = Buffer.from(buffer.subarray(start, end))
  const { packetId, subscriptions, properties } = openSubscribe(version, bytes, 0, bytes.length)
  const identifier = properties?.subscriptionIdentifier ?? 0
  const reasonCodes: ReasonCode[] = []
  /** The subscriptions under which retained messages are asked for. */
  const fed: Subscription[] = []
  let why: string | undefined
  inTurns(connection, session, subscriptions, FILTER_WORK, ({ filter }) => parseSubscription(filter), takeAll)

  function takeAll(): void {
    inTurns(connection, session, subscriptions, subscriptionWork(session), takeOrRefuse, answer)
  }

  function takeOrRefuse(asked: Asked): void {
    const refusal = refusalOf(hub, session, asked.filter)
    why ??= refusal?.why
    if (refusal === undefined) take(asked)
    reasonCodes.push(refusal?.reason ?? asked.qos) // [MQTT-3.8.4-8] [MQTT-3.8.4-7] always what was asked for
  }

  function take(asked: Asked): void {
    const { filter, qos, noLocal, retainAsPublished } = asked
    const before = session.subscriptions.get(filter)
    const isFed = wantsRetained(asked, before === undefined) && hub.retained.mayMatch(filter)
    const isBridge = connection.bridge !== null
    const subscription = {
      session,
      filter,
      qos,
      noLocal: noLocal || (isBridge && !isShared(filter)),
      retainAsPublished: retainAsPublished || isBridge,
      identifier,
      since: sinceOf(hub, before, asked),
      retainedUpTo: isFed && qos > 0 ? hub.journal.lastEvent : 0,
    }
    hub.sessions.subscribe(subscription) // [MQTT-3.8.4-3] [v3 MQTT-3.8.4-3]
    if (isFed) fed.push(subscription)
  }

  function answer(): void {
    // [MQTT-3.8.4-2] [MQTT-3.8.4-5] [MQTT-3.8.4-6] [v3 MQTT-3.8.4-2] [v3 MQTT-3.8.4-4] [v3 MQTT-3.8.4-5]
    // [MQTT-2.2.1-6] [v3 MQTT-2.3.1-7]
    const suback = connection.withReason(why, (reasonString) =>
      encodeSuback({ type: 'suback', packetId, reasonCodes, properties: { reasonString } }, version),
    )
    const upTo = hub.journal.lastEvent
    hub.turns.spend(fed.length * FEED_WORK)
    hub.journal.whenCommitted(session.mark, () => {
      for (const subscription of fed) {
        // The subscription may have been made anew, or removed, in the meantime.
        const { filter } = subscription
        if (session.subscriptions.get(filter) === subscription) hub.backlog.feed(session, filter, upTo)
      }
      if (connection.closed) return
      connection.send(suback)
      hub.backlog.resume(connection, session)
    })
  }
}

/** A subscription that is made anew without a change is owed what it was owed before. */
function sinceOf(hub: Hub, before: Subscription | undefined, { qos, noLocal }: Asked): number {
  const isSame = before !== undefined && before.qos === qos && before.noLocal === noLocal
  return isSame && qos > 0 ? before.since : hub.journal.lastEvent
}

// [MQTT-3.3.1-9] [MQTT-3.3.1-10] [MQTT-3.3.1-11]
const wantsRetained = ({ filter, retainHandling }: Asked, isNew: boolean): boolean =>
  !isShared(filter) && (retainHandling === 0 || (retainHandling === 1 && isNew))

interface Refusal {
  readonly reason: ReasonCode
  readonly why: string
}

/** Why a well-formed filter is not taken. */
function refusalOf(hub: Hub, session: Session, text: string): Refusal | undefined {
  const { topicBytes, topicLevels, subscriptionsPerSession } = hub.limits
  if (Buffer.byteLength(text) > topicBytes || levelCount(text) > topicLevels) {
    const limits = `the limits are ${topicBytes} bytes and ${topicLevels} levels`
    return {
      reason: ReasonCode.TopicFilterInvalid,
      why: `The topic filter ${quote(text)} is too long: ${limits}.`,
    }
  }
  if (session.pass.rights?.maySubscribe(parseSubscription(text).filter) === false) {
    hub.counters.deniedSubscriptions++
    return { reason: ReasonCode.NotAuthorized, why: `The topic filter ${quote(text)} is not allowed.` }
  }
  const full = session.subscriptions.size >= subscriptionsPerSession && !session.subscriptions.has(text)
  if (!full) return undefined
  return {
    reason: ReasonCode.QuotaExceeded,
    why: `A session may have ${subscriptionsPerSession} subscriptions; this one has them.`,
  }
}
