// The encodings of the message under way: one for each version and QoS, however many clients get it. They lie
// in the output's buffer, and are good until that is emptied or another message is under way.

import type { QoS } from '../../model/event.ts'
import type { ProtocolVersion } from '../../mqtt/protocol.ts'
import { type Encoder, PLAIN } from './encoder.ts'
import type { Output } from '../socket/output.ts'
import type { LiveMessage } from './live-message.ts'

const VERSION_5 = 3
const ENCODINGS = 6

/** The number of an encoding. */
export const encodingOf = (version: ProtocolVersion, qos: QoS): number =>
  (version === 5 ? VERSION_5 : 0) + qos

export class Encodings {
  readonly #output: Output
  readonly #encoder: Encoder
  /** Where the encoding lies that was last found or made. */
  start = 0
  end = 0

  // An entry is good if its stamp is the present one.
  readonly #starts = new Int32Array(ENCODINGS)
  readonly #ends = new Int32Array(ENCODINGS)
  readonly #ids = new Int32Array(ENCODINGS)
  readonly #stamps = new Float64Array(ENCODINGS)
  #stamp = 0
  #generation = 0

  constructor(output: Output, encoder: Encoder) {
    this.#output = output
    this.#encoder = encoder
  }

  /** Another message is under way. */
  begin(): void {
    this.#stamp++
  }

  /** The packet id that this encoding was last made with. */
  idOf(encoding: number): number {
    return this.#ids[encoding]!
  }

  /** Returns whether the message under way has this encoding, and where it lies. */
  find(encoding: number): boolean {
    this.#heed()
    if (this.#stamps[encoding] !== this.#stamp) return false
    this.start = this.#starts[encoding]!
    this.end = this.#ends[encoding]!
    return true
  }

  make(encoding: number, live: LiveMessage, version: ProtocolVersion, qos: QoS, id: number): void {
    const encoder = this.#encoder
    encoder.encode(live, version, qos, id, PLAIN) // [MQTT-3.3.1-12] [v3 MQTT-3.3.1-9]: RETAIN is 0
    this.#heed() // the buffer may have been emptied to make room
    this.start = this.#starts[encoding] = encoder.start
    this.end = this.#ends[encoding] = encoder.end
    this.#ids[encoding] = id
    this.#stamps[encoding] = this.#stamp
  }

  /** What lay in a buffer that has been emptied is gone. */
  #heed(): void {
    if (this.#generation === this.#output.generation) return
    this.#generation = this.#output.generation
    this.#stamp++
  }
}
