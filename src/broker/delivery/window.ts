// Whether a client can be sent a QoS 1 or 2 message now, and whether at once.

import type { Connection } from '../connection/connection.ts'
import type { Session } from '../session/session.ts'
import type { Share } from '../session/share.ts'

/**
 * A further message: all that is to be sent again has been, the window is open, the socket keeps up, and what is kept for a resend
 * does not take all the memory that it may have. // [MQTT-3.3.4-10] [MQTT-4.6.0-1] [MQTT-4.9.0-2] [MQTT-4.9.0-3]
 */
export const hasRoom = (connection: Connection, { inflight }: Session): boolean =>
  connection.resends.length === 0 &&
  inflight.size < connection.window &&
  inflight.bytes < connection.hub.limits.queueBytes &&
  connection.outlet.hasRoom(connection.hub.limits.outputBytes)

/** One that is sent again: those that have yet to be count as under way, but take nothing of the window. */
export const hasRoomAgain = (connection: Connection, { inflight }: Session): boolean =>
  inflight.size - connection.resends.length < connection.window &&
  connection.outlet.hasRoom(connection.hub.limits.outputBytes)

/** Whether a message leaves only when what is said of its session is committed, or after one that does. */
export const isHeld = ({ journal, held }: Session, qos: 1 | 2, share: Share | null): boolean =>
  held > 0 || (qos === 2 && (journal !== null || share?.owes === true))
