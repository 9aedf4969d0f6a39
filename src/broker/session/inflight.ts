// The QoS 1 and 2 messages under way to one client: which packet identifiers are taken, and how far each
// handshake is.
//
//   QoS 1   free ── sent ──▶ awaitsPuback ── PUBACK ──▶ free
//   QoS 2   free ── sent ──▶ awaitsPubrec ── PUBREC ──▶ awaitsPubcomp ── PUBCOMP ──▶ free
//
// For a session that outlives its connection the messages are kept, too, in the order in which they were
// sent.

import { MqttError } from '../../mqtt/mqtt-error.ts'
import { ReasonCode } from '../../mqtt/reason-codes.ts'
import { bytesOf, type Owed } from './owed.ts'
import { PacketIds } from './packet-ids.ts'

export const Flight = { free: 0, awaitsPuback: 1, awaitsPubrec: 2, awaitsPubcomp: 3 } as const
export type Flight = (typeof Flight)[keyof typeof Flight]

/**
 * The error for an answer to what the client was not sent: left alone, the handshake that it means would
 * never end.
 */
export const wrongAck = (packet: string, id: number): MqttError =>
  new MqttError(
    ReasonCode.ProtocolError,
    `${packet}: the message ${id} is not at that step of its handshake.`,
  )

const LAST_ID = 65_535

/** The packet identifier that an event prefers. */
export const packetIdOf = (event: number): number => (event % LAST_ID) + 1

export class Inflight {
  readonly #states = new PacketIds()
  #kept: Map<number, Owed | null> | undefined
  #lastId = 0
  #bytes = 0

  /** How much memory the kept messages take. */
  get bytes(): number {
    return this.#bytes
  }

  get size(): number {
    return this.#states.size
  }

  state(id: number): Flight {
    return this.#states.get(id) as Flight
  }

  /**
   * The next free identifier after the last one; 0 when all are taken.
   * [MQTT-2.2.1-4] [MQTT-4.3.2-1] [MQTT-4.3.3-1] [v3 MQTT-2.3.1-4]
   */
  nextId(): number {
    if (this.#states.size === LAST_ID) return 0
    let id = this.#lastId
    do id = id === LAST_ID ? 1 : id + 1
    while (this.#states.get(id) !== Flight.free)
    return id
  }

  /**
   * The identifier for a message that the journal holds: its event's own, so that a resend after a crash has
   * it too. Another, if an event that is 65,535 older is still under way.
   * [MQTT-4.4.0-1]
   */
  idFor(event: number): number {
    const id = packetIdOf(event)
    return this.#states.get(id) === Flight.free ? id : this.nextId()
  }

  /** Takes an identifier that is free. */
  take(id: number, qos: 1 | 2): void {
    this.#lastId = id
    this.#states.set(id, qos === 1 ? Flight.awaitsPuback : Flight.awaitsPubrec)
  }

  /** Keeps the message of a taken identifier for a resend. // [MQTT-4.3.3-3] [MQTT-4.3.3-5] */
  keepForResend(id: number, owed: Owed): void {
    this.#kept ??= new Map()
    this.#kept.set(id, owed)
    this.#bytes += bytesOf(owed)
  }

  /**
   * The client has a QoS 2 message: from now on only its PUBREL is owed, in the message's old place.
   * [MQTT-4.3.3-4] [MQTT-4.3.3-6]
   */
  release(id: number): void {
    this.#states.set(id, Flight.awaitsPubcomp)
    const owed = this.#kept?.get(id)
    if (!owed) return
    this.#bytes -= bytesOf(owed)
    this.#kept?.set(id, null)
  }

  /** The handshake is over. Returns the message that was kept, if any. */
  free(id: number): Owed | null | undefined {
    this.#states.delete(id)
    const owed = this.#kept?.get(id)
    this.#kept?.delete(id)
    if (owed) this.#bytes -= bytesOf(owed)
    return owed
  }

  /**
   * Takes up a handshake where it was when the hub last stopped; `null` means that only its PUBREL is left.
   */
  restore(id: number, owed: Owed | null): void {
    this.take(id, owed?.qos ?? 2)
    if (owed !== null) return this.keepForResend(id, owed)
    this.#kept ??= new Map()
    this.#kept.set(id, null)
    this.#states.set(id, Flight.awaitsPubcomp)
  }

  /** The kept QoS 1 messages that came by a shared subscription, oldest first. */
  unacknowledgedOfShares(): Owed[] {
    const owed: Owed[] = []
    for (const one of this.#kept?.values() ?? [])
      if (one?.qos === 1 && one.via?.isShared === true) owed.push(one)
    return owed
  }

  /** What to send again, oldest first; null stands for a PUBREL. // [MQTT-4.4.0-1] [MQTT-4.6.0-1] */
  toResend(): Iterable<[id: number, owed: Owed | null]> {
    return this.#kept ?? []
  }
}
