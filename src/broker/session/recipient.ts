// The door to a session for whatever receives messages. A client's connection is one recipient; a bridge to
// another broker, a live page or a subscriber inside this process can be others: they implement this
// interface, are attached to a session, and get what its subscriptions match, in order, within their window
// and as fast as they read.
//
// Messages arrive as MQTT packets in the recipient's outlet (`socket/output.ts`), which writes to any Duplex.
// Packets of QoS 1 and 2 are acknowledged through the session's methods.
// `test/broker/session/recipient.test.ts` shows a recipient without a socket.

import type { ReasonCode } from '../../mqtt/reason-codes.ts'
import type { Terms } from '../message/encoder.ts'
import type { Outlet } from '../socket/output.ts'
import type { Owed } from './owed.ts'

/** How a client went. `kicked`: the hub closed the connection, because of a fault or by order. */
export type Departure = 'clean' | 'will' | 'socket' | 'keepalive' | 'takeover' | 'kicked' | 'stopped'

/** What was under way when the session was taken up; `null` stands for a PUBREL. */
export type Resend = [id: number, owed: Owed | null]

export interface Recipient extends Terms {
  /** Where it is, for presence and for the log: a host, or the path of a Unix socket. */
  readonly address: string
  /** What presence calls its protocol, if that is not MQTT. */
  readonly protocol?: string | undefined
  /** Where its packets are written. */
  readonly outlet: Outlet
  /** How many QoS 1 and 2 messages may be under way to it. // [MQTT-3.3.4-7] [MQTT-3.3.4-9] */
  readonly window: number
  /** What has yet to be sent again, the next one last. Delivery fills and empties it. */
  readonly resends: Resend[]
  /** Sends an acknowledgement that waits for nothing: PUBREL, when a handshake goes on. */
  answer(firstByte: number, reason: ReasonCode, packetId: number): void
  /** There may be room again, in the window or in the outlet: what waits is sent (`Backlog.resume`). */
  onRoom(): void
  /** Called when nothing is under way to it, and nothing waits (`Backlog.resume`). */
  readonly onIdle?: (() => void) | undefined
  /** Something that was needed to go on has failed on the hub's side. */
  giveUp(error: unknown): void
  /** Another recipient has come for the same client id. It has left the session when this returns. */
  takeOver(): void
  /** Ends it, for a reason that a version 5 client is told. It has left the session when this returns. */
  close(departure: Departure, reason?: ReasonCode): void
}
