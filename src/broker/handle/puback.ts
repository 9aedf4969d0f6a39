// PUBACK: the client has a QoS 1 message.

import { createAckView, readAck } from '../../mqtt/acks.ts'
import type { Connection } from '../connection/connection.ts'
import { Flight, wrongAck } from '../session/inflight.ts'
import type { Session } from '../session/session.ts'

const view = createAckView()

/**
 * Whatever reason the client gives, the message is not sent again.
 * [MQTT-4.3.2-3] [v3 MQTT-4.3.2-1] [MQTT-4.4.0-2] [MQTT-4.8.2-6]
 */
export function handlePuback(
  connection: Connection,
  session: Session,
  firstByte: number,
  buffer: Buffer,
  start: number,
  end: number,
): void {
  readAck(view, connection.version, firstByte, buffer, start, end)
  const state = session.inflight.state(view.packetId)
  if (state === Flight.free) return // left over from an earlier session
  if (state !== Flight.awaitsPuback) throw wrongAck('PUBACK', view.packetId)
  session.acknowledged(view.packetId)
  connection.hub.backlog.resume(connection, session)
}
