// The QoS 1 and 2 messages that a client has sent: which packet identifiers of QoS 2 it has yet to release,
// and which QoS 1 messages were taken without its having the PUBACK. A copy with DUP is known by them.

import { AT_ONCE } from '../../model/store.ts'
import { PacketIds } from './packet-ids.ts'
import type { Journaled } from './session-journal.ts'

/** How a QoS 2 packet identifier is known: in memory only, or in the journal too. */
const TAKEN = 1
const TAKEN_AND_RECORDED = 2

export class Received {
  readonly #session: Journaled
  /** QoS 2 packet identifiers that were taken and not yet released. // [MQTT-4.3.3-10] */
  #ids: PacketIds | undefined
  #lastEvent = 0
  #unanswered: Map<number, number> | undefined

  constructor(session: Journaled) {
    this.#session = session
  }

  /** How many QoS 2 messages have yet to be released. */
  get size(): number {
    return this.#ids?.size ?? 0
  }

  /** Whether a QoS 2 message with this packet identifier was taken and has yet to be released. */
  has(id: number): boolean {
    return this.#ids !== undefined && this.#ids.get(id) !== 0
  }

  /** The newest event that records a QoS 1 or 2 message of the client; 0 for none. */
  get lastEvent(): number {
    return this.#lastEvent
  }

  /** A QoS 1 or 2 message of the client is recorded by this event. */
  published(event: number): void {
    // What another hub sends a second time has the event of the first time.
    this.#lastEvent = Math.max(this.#lastEvent, event)
  }

  /**
   * The connection has ended before these PUBACKs left: QoS 1 packet ids of the client, with their events.
   * The client cannot have them, so a copy with DUP is the same message, and is taken no second time. Once a
   * PUBACK has left, nobody can tell whether a copy means that it was lost, or is a later message under the
   * same packet id: then it is taken as a new one, and rules fire on it.
   */
  leaveUnanswered(events: Map<number, number>): void {
    this.#unanswered = events
  }

  /** The event of the unanswered message with this packet id; only once. */
  takeUnanswered(id: number): number | undefined {
    const event = this.#unanswered?.get(id)
    if (event !== undefined) this.#unanswered?.delete(id)
    return event
  }

  /**
   * A QoS 2 message was taken, and is recorded together with its event. A second copy is known by its id.
   */
  took(id: number, event: number): void {
    const journal = event === AT_ONCE ? null : this.#session.journal
    this.#ids ??= new PacketIds()
    this.#ids.set(id, journal === null ? TAKEN : TAKEN_AND_RECORDED)
    journal?.handshake(this.#session, 'took', id, event)
  }

  /** The client has released a QoS 2 packet id, and hears so when the mark that this returns is committed. */
  letGo(id: number): number {
    const isRecorded = this.#ids?.get(id) === TAKEN_AND_RECORDED
    this.#ids?.delete(id)
    return isRecorded ? (this.#session.journal?.handshake(this.#session, 'let-go', id) ?? AT_ONCE) : AT_ONCE
  }

  /** Takes up the QoS 2 packet identifiers that the journal holds. */
  restore(ids: readonly number[]): void {
    if (ids.length === 0) return
    this.#ids = new PacketIds()
    for (const id of ids) this.#ids.set(id, TAKEN_AND_RECORDED)
  }
}
