import { ReasonCode } from '../../mqtt/reason-codes.ts'
import { encodeUnsuback } from '../../mqtt/unsuback.ts'
import { decodeUnsubscribe } from '../../mqtt/unsubscribe.ts'
import type { Connection } from '../connection.ts'
import type { Session } from '../session.ts'
import { SUBSCRIPTION_WORK } from '../turns.ts'

/**
 * What was sent already goes on: only new messages stop. Others have their turn in between where there are many filters.
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
  const { packetId, filters } = decodeUnsubscribe(version, buffer, start, end)
  const reasonCodes: ReasonCode[] = []
  takeMore()

  function takeMore(): void {
    while (reasonCodes.length < filters.length) {
      if (hub.turns.isOver) return connection.holdForOthers(takeMore)
      hub.turns.spend(SUBSCRIPTION_WORK)
      const had = hub.sessions.unsubscribe(hub, session, filters[reasonCodes.length]!)
      reasonCodes.push(had ? ReasonCode.Success : ReasonCode.NoSubscriptionExisted)
    }
    answer()
  }

  function answer(): void {
    // [MQTT-3.10.4-4] [MQTT-3.10.4-5] [MQTT-3.11.3-1] [v3 MQTT-3.10.4-4] [v3 MQTT-3.10.4-5]
    // [MQTT-3.10.4-6] [MQTT-3.11.2-1] [MQTT-3.11.2-2] [v3 MQTT-3.10.4-6]
    const unsuback = encodeUnsuback({ type: 'unsuback', packetId, reasonCodes }, version)
    hub.keeper.whenKept(session.mark, () => {
      if (!connection.closed) connection.send(unsuback)
    })
  }
}
