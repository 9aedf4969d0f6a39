// PUBREC: the client has a QoS 2 message, or refuses it.

import { createAckView, readAck } from '../../mqtt/acks.ts'
import { FirstByte } from '../../mqtt/fixed-header.ts'
import { isFailure, ReasonCode } from '../../mqtt/reason-codes.ts'
import { AT_ONCE } from '../../model/store.ts'
import type { Connection } from '../connection/connection.ts'
import { Flight, wrongAck } from '../session/inflight.ts'
import type { Session } from '../session/session.ts'

const view = createAckView()

/** Success is answered by PUBREL; a failure ends the handshake. */
export function handlePubrec(
  connection: Connection,
  session: Session,
  firstByte: number,
  buffer: Buffer,
  start: number,
  end: number,
): void {
  readAck(view, connection.version, firstByte, buffer, start, end)
  const { packetId, reasonCode } = view
  const state = session.inflight.state(packetId)
  if (state === Flight.awaitsPuback) throw wrongAck('PUBREC', packetId)
  if (isFailure(reasonCode)) {
    if (state !== Flight.awaitsPubrec) return
    session.acknowledged(packetId) // [MQTT-4.3.3-4] [MQTT-4.4.0-2] [MQTT-4.8.2-6]
    connection.hub.backlog.resume(connection, session)
    return
  }
  const mark = state === Flight.awaitsPubrec ? session.released(packetId) : AT_ONCE
  const known = state === Flight.awaitsPubrec || state === Flight.awaitsPubcomp
  // A PUBREC that nobody waits for is answered all the same, so that the client can end it.
  // [MQTT-4.3.3-4] [v3 MQTT-4.3.3-1]
  const reason = known || connection.version < 5 ? ReasonCode.Success : ReasonCode.PacketIdentifierNotFound
  if (session.journal === null) return connection.answer(FirstByte.pubrel, reason, packetId)
  // PUBREL leaves once the step is committed: a client that has released the packet id would take the message
  // twice. PUBREL takes its turn even if there is nothing to commit: the acknowledgement before it may be of
  // the same packet id.
  // [MQTT-4.6.0-4] [v3 MQTT-4.6.0-4]
  connection.acks.add(mark, FirstByte.pubrel, reason, packetId)
}
