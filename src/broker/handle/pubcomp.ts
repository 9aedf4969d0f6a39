// PUBCOMP: the end of a QoS 2 handshake.

import { createAckView, readAck } from '../../mqtt/acks.ts'
import type { Connection } from '../connection/connection.ts'
import { Flight, wrongAck } from '../session/inflight.ts'
import type { Session } from '../session/session.ts'

const view = createAckView()

/** The packet id is free again. */
export function handlePubcomp(
  connection: Connection,
  session: Session,
  firstByte: number,
  buffer: Buffer,
  start: number,
  end: number,
): void {
  readAck(view, connection.version, firstByte, buffer, start, end)
  const state = session.inflight.state(view.packetId)
  if (state === Flight.free) return
  if (state !== Flight.awaitsPubcomp) throw wrongAck('PUBCOMP', view.packetId)
  session.acknowledged(view.packetId)
  connection.hub.backlog.resume(connection, session)
}
