// PUBREL: the client releases a packet id.

import { createAckView, readAck } from '../../mqtt/acks.ts'
import { FirstByte } from '../../mqtt/fixed-header.ts'
import { ReasonCode } from '../../mqtt/reason-codes.ts'
import type { Connection } from '../connection/connection.ts'
import type { Session } from '../session/session.ts'

const view = createAckView()

/**
 * Frees the packet id, records that, then answers PUBCOMP, in this order.
 * [MQTT-4.3.3-11] [MQTT-4.3.3-12] [v3 MQTT-4.3.3-2]
 */
export function handlePubrel(
  connection: Connection,
  session: Session,
  firstByte: number,
  buffer: Buffer,
  start: number,
  end: number,
): void {
  readAck(view, connection.version, firstByte, buffer, start, end)
  const { packetId } = view
  const known = session.received.has(packetId)
  const mark = session.received.letGo(packetId)
  // PUBCOMP takes its turn: a PUBREC of the same identifier may still wait for its commit.
  const reason = known ? ReasonCode.Success : ReasonCode.PacketIdentifierNotFound
  connection.acks.add(
    mark,
    FirstByte.pubcomp,
    connection.version === 5 ? reason : ReasonCode.Success,
    packetId,
  )
}
