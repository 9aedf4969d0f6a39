// What the hub keeps about one client: its subscriptions, the messages under way and waiting, its will. It may outlive
// the connection, and is changed through the methods below only, so that each change can be kept.

import type { Door, Pass } from '../model/access.ts'
import type { QoS } from '../model/event.ts'
import type { Connection } from './connection.ts'
import { Inflight } from './inflight.ts'
import type { Owed } from './message.ts'
import { PacketIds } from './packet-ids.ts'
import { OPEN_PASS } from './passes.ts'
import { Waiting } from './waiting.ts'
import type { Will } from './wills.ts'

/** Seconds; a session with this expiry never ends of itself. */
export const NEVER_EXPIRES = 0xffff_ffff

export interface Subscription {
  readonly session: Session
  /** As the client wrote it, also for a shared one: `$share/<group>/<filter>`. */
  readonly filter: string
  readonly qos: QoS
  readonly noLocal: boolean
  readonly retainAsPublished: boolean
  /** 0 when the client gave none. */
  readonly identifier: number
}

export class Session {
  readonly clientId: string
  connection: Connection | null = null
  /** What its client was admitted as when it last came, and by which door. */
  pass: Pass = OPEN_PASS
  door: Door | null = null
  readonly subscriptions = new Map<string, Subscription>()
  readonly inflight = new Inflight()
  readonly waiting = new Waiting()
  /** QoS 2 packet ids of the client that were taken and not yet released. // [MQTT-4.3.3-10] */
  readonly received = new PacketIds()
  /** The newest event that keeps a QoS 1 or 2 message of the client; 0 for none. */
  lastEvent = 0
  /**
   * QoS 1 packet ids of the client, with their events, whose PUBACK had not left when the connection ended. The client cannot have
   * it, so a copy with DUP is the same message, and is taken no second time. Once a PUBACK has left, nobody can tell whether a copy
   * means that it was lost, or a later message under the same packet id: then it is taken as a new one, and rules fire on it.
   */
  unanswered: Map<number, number> | undefined
  will: Will | null = null
  /** Nothing is owed to it any more. */
  ended = false
  /** Seconds that the session is kept after its connection has ended. */
  expirySeconds = 0
  /** Cancels what is due while the client is away: the end of the session, its delayed will. */
  cancelExpiry: (() => void) | null = null
  cancelWill: (() => void) | null = null

  constructor(clientId: string) {
    this.clientId = clientId
  }

  /** Whether it is still there after its connection. */
  get outlives(): boolean {
    return this.expirySeconds > 0
  }

  /** A message of QoS 1 or 2 goes out under a free identifier. */
  sent(id: number, qos: 1 | 2, owed: Owed | null): void {
    this.inflight.take(id, qos)
    if (owed !== null) this.inflight.keep(id, owed)
  }

  /** The client has taken a message for good: the identifier is free again. */
  settled(id: number): void {
    this.inflight.free(id)
  }

  /** The client has a QoS 2 message; its PUBREL is what is left to send. */
  released(id: number): void {
    this.inflight.release(id)
  }

  /** A QoS 2 message of the client was taken: a second copy is known by its packet id. */
  took(id: number): void {
    this.received.set(id, 1)
  }

  /** The client has let go of a QoS 2 packet id. */
  letGo(id: number): void {
    this.received.delete(id)
  }
}
