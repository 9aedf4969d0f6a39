// UNSUBSCRIBE: removes subscriptions.

import { ReasonCode } from '../../mqtt/reason-codes.ts'
import { encodeUnsuback } from '../../mqtt/unsuback.ts'
import { openUnsubscribe } from '../../mqtt/unsubscribe.ts'
import { parseSubscription } from '../../topics/names.ts'
import { FILTER_WORK } from '../bounds/turns.ts'
import type { Connection } from '../connection/connection.ts'
import type { Session } from '../session/session.ts'
import { inTurns, subscriptionWork } from './in-turns.ts'

/**
 * New messages stop; what was sent already goes on. An ill-formed filter ends the connection, and nothing of
 * its packet takes effect.
 * [MQTT-3.10.4-1] [MQTT-3.10.4-2] [v3 MQTT-3.10.4-1] [v3 MQTT-3.10.4-2] [MQTT-3.10.4-3]
 * [v3 MQTT-3.10.4-3]
 */
export function handleUnsubscribe(
  connection: Connection,
  session: Session,
  buffer: Buffer,
  start: number,
  end: number,
): void {
  const { hub, version } = connection
  const bytes = Buffer.from(buffer.subarray(start, end)) // as for SUBSCRIBE
  const { packetId, filters } = openUnsubscribe(version, bytes, 0, bytes.length)
  const reasonCodes: ReasonCode[] = []
  inTurns(connection, session, filters, FILTER_WORK, parseSubscription, removeAll)

  function removeAll(): void {
    inTurns(connection, session, filters, subscriptionWork(session), remove, answer)
  }

  function remove(filter: string): void {
    const had = hub.sessions.unsubscribe(session, filter)
    reasonCodes.push(had ? ReasonCode.Success : ReasonCode.NoSubscriptionExisted)
  }

  function answer(): void {
    // [MQTT-3.10.4-4] [MQTT-3.10.4-5] [MQTT-3.11.3-1] [v3 MQTT-3.10.4-4] [v3 MQTT-3.10.4-5]
    // [MQTT-3.10.4-6] [MQTT-3.11.2-1] [MQTT-3.11.2-2] [v3 MQTT-3.10.4-6]
    const unsuback = encodeUnsuback({ type: 'unsuback', packetId, reasonCodes }, version)
    hub.journal.whenCommitted(session.mark, () => {
      if (!connection.closed) connection.send(unsuback)
    })
  }
}
