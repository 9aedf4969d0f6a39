// Whether a recipient can be sent a QoS 1 or 2 message now, and whether at once.

import type { Limits } from '../bounds/limits.ts'
import type { Via } from '../session/owed.ts'
import type { Recipient } from '../session/recipient.ts'
import type { Session } from '../session/session.ts'

/**
 * Whether there is room for a further message: all that is to be sent again has been, the window is open, the
 * socket keeps up, and what is kept for a resend takes no more memory than it may.
 * [MQTT-3.3.4-10] [MQTT-4.6.0-1] [MQTT-4.9.0-2] [MQTT-4.9.0-3]
 */
export const hasRoom = (recipient: Recipient, { inflight }: Session, limits: Limits): boolean =>
  recipient.resends.length === 0 &&
  inflight.size < recipient.window &&
  inflight.bytes < limits.queueBytes &&
  recipient.outlet.hasRoom(limits.outputBytes)

/**
 * Whether there is room for a message that is sent again. Those that have yet to be sent again count as under
 * way, but take nothing of the window.
 */
export const hasRoomAgain = (recipient: Recipient, { inflight }: Session, limits: Limits): boolean =>
  inflight.size - recipient.resends.length < recipient.window && recipient.outlet.hasRoom(limits.outputBytes)

/** Whether a message leaves only when a change of its session is committed, or after a message that does. */
export const isHeld = ({ journal, isHeld: waits }: Session, qos: 1 | 2, via: Via | null): boolean =>
  waits || (qos === 2 && (journal !== null || via?.owes === true))
