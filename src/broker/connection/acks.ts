// The acknowledgements that one connection is owed, oldest first. Each waits until the event that it stands
// for is committed (AT_ONCE: for nothing but its turn), and none overtakes another.
// [MQTT-4.6.0-2] [MQTT-4.6.0-3] [v3 MQTT-4.6.0-2] [v3 MQTT-4.6.0-3]

import { AT_ONCE } from '../../model/store.ts'
import { ACK_WITH_REASON_SIZE, writeAck, writeAckWithReason } from '../../mqtt/acks.ts'
import { FirstByte } from '../../mqtt/fixed-header.ts'
import type { ReasonCode } from '../../mqtt/reason-codes.ts'
import type { Outlet, Output } from '../socket/output.ts'

const FIRST_ROOM = 16

export class Acks {
  readonly #output: Output
  readonly #outlet: Outlet
  /**
   * A ring: `#events[n]` must be committed before `#acks[n]` leaves, which packs first byte, reason and
   * packet id.
   */
  #events: Float64Array | undefined
  #acks: Uint32Array | undefined
  #head = 0
  #size = 0
  #pubacks = 0

  constructor(output: Output, outlet: Outlet) {
    this.#output = output
    this.#outlet = outlet
  }

  get size(): number {
    return this.#size
  }

  /** How many QoS 1 messages of the client wait for their acknowledgement. */
  get pubacks(): number {
    return this.#pubacks
  }

  add(event: number, firstByte: number, reason: ReasonCode, packetId: number): void {
    if (this.#events === undefined || this.#size === this.#events.length) this.#grow()
    const at = (this.#head + this.#size++) & (this.#events!.length - 1)
    this.#events![at] = event
    if (firstByte === FirstByte.puback) this.#pubacks++
    this.#acks![at] = (firstByte << 24) | (reason << 16) | packetId
  }

  /** Writes the acknowledgements that stand for events up to this one, in one piece. Returns how many. */
  release(committedId: number): number {
    const events = this.#events!
    const acks = this.#acks!
    const output = this.#output
    const mask = events.length - 1
    const start = output.reserve(this.#size * ACK_WITH_REASON_SIZE)
    const size = this.#size
    let at = start
    while (this.#size > 0 && events[this.#head]! <= committedId) {
      const ack = acks[this.#head]!
      const reason = ((ack >>> 16) & 0xff) as ReasonCode
      at =
        reason === 0
          ? writeAck(output.buffer, at, ack >>> 24, ack & 0xffff)
          : writeAckWithReason(output.buffer, at, ack >>> 24, ack & 0xffff, reason)
      if (ack >>> 24 === FirstByte.puback) this.#pubacks--
      this.#head = (this.#head + 1) & mask
      this.#size--
    }
    if (at === start) return 0
    output.used = at
    this.#outlet.append(start, at)
    return size - this.#size
  }

  /** The packet ids of the acknowledgements of one kind that wait for an event, with that event. */
  *waiting(firstByte: number): Generator<[packetId: number, event: number]> {
    for (let index = 0; index < this.#size; index++) {
      const at = (this.#head + index) & (this.#events!.length - 1)
      const ack = this.#acks![at]!
      if (ack >>> 24 === firstByte && this.#events![at] !== AT_ONCE) yield [ack & 0xffff, this.#events![at]!]
    }
  }

  clear(): void {
    this.#size = 0
    this.#pubacks = 0
  }

  #grow(): void {
    const room = Math.max(FIRST_ROOM, this.#size * 2)
    const events = new Float64Array(room)
    const acks = new Uint32Array(room)
    for (let index = 0; index < this.#size; index++) {
      const at = (this.#head + index) & (this.#size - 1)
      events[index] = this.#events![at]!
      acks[index] = this.#acks![at]!
    }
    this.#events = events
    this.#acks = acks
    this.#head = 0
  }
}
