// Sends one client its own copy of a message that had to wait: a resend, what has gathered for it, a retained message.

import type { Clock } from '../base/clock.ts'
import type { QoS } from '../model/event.ts'
import type { Connection } from './connection.ts'
import type { Counters } from './counters.ts'
import type { Encoder } from './encoder.ts'
import type { Owed } from './message.ts'
import { Passage } from './passage.ts'

export type Copy = Omit<Owed, 'qos'> & { readonly qos: QoS }

export class Copies {
  readonly #clock: Clock
  readonly #counters: Counters
  readonly #encoder: Encoder
  readonly #passage = new Passage()

  constructor(clock: Clock, counters: Counters, encoder: Encoder) {
    this.#clock = clock
    this.#counters = counters
    this.#encoder = encoder
  }

  /** Returns whether the client takes packets of this size. */
  send(connection: Connection, copy: Copy, dup: boolean, id: number): boolean {
    if (!this.#encode(connection, copy, dup, id)) return false
    const { start, end } = this.#encoder
    connection.outlet.append(start, end)
    this.#counters.publishesSent++
    this.#counters.packetsSent++
    this.#counters.publishBytesSent += copy.message.payload.length
    return true
  }

  /** The same question for what is sent later. Where an alias may make it shorter, that is only known then. */
  fits(connection: Connection, copy: Copy): boolean {
    if (connection.maximumPacketSize === Infinity || connection.sentAliases !== null) return true
    return this.#encode(connection, copy, false, 1)
  }

  #encode(connection: Connection, copy: Copy, dup: boolean, id: number): boolean {
    const { message, qos, retain, identifiers } = copy
    const encoder = this.#encoder
    this.#passage.fill(message, this.#clock.now())
    encoder.encodeFor(connection, this.#passage, qos, id, { dup, retain, identifiers })
    if (encoder.end - encoder.start <= connection.maximumPacketSize) return true
    this.#counters.drop('too-large') // [MQTT-3.1.2-25]
    return false
  }
}
