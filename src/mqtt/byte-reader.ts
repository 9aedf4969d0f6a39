// Reads the fields of one packet in order. It never looks past the packet's end, and what it returns is the
// caller's to keep: text is decoded, binary data copied. Every fault becomes an MqttError that names the
// packet and the field.

import { checkText, checkTopicName } from './bytes.ts'
import { MqttError } from './mqtt-error.ts'
import { ReasonCode } from './reason-codes.ts'

export class ByteReader {
  readonly #buffer: Buffer
  readonly #packet: string
  readonly #end: number
  #at: number

  constructor(buffer: Buffer, start: number, end: number, packet: string) {
    this.#buffer = buffer
    this.#at = start
    this.#end = end
    this.#packet = packet
  }

  get left(): number {
    return this.#end - this.#at
  }

  u8(what: string): number {
    return this.#buffer[this.#take(1, what)]!
  }

  u16(what: string): number {
    const at = this.#take(2, what)
    return (this.#buffer[at]! << 8) | this.#buffer[at + 1]!
  }

  u32(what: string): number {
    return this.#buffer.readUInt32BE(this.#take(4, what))
  }

  varint(what: string): number {
    let value = 0
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.u8(what)
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) {
        // [MQTT-1.5.5-1]
        if (byte === 0 && shift > 0) throw this.malformed(`${what} takes more bytes than it needs`)
        return value
      }
    }
    throw this.malformed(`${what} is longer than four bytes`)
  }

  text(what: string): string {
    const length = this.u16(what)
    const at = this.#take(length, what)
    checkText(this.#buffer, at, at + length, `${this.#packet}: ${what}`)
    // A leading U+FEFF is a character like any other [MQTT-1.5.4-3] [v3 MQTT-1.5.3-3]; toString keeps it.
    return this.#buffer.toString('utf8', at, at + length)
  }

  topicName(what: string): string {
    const length = this.u16(what)
    const at = this.#take(length, what)
    checkTopicName(this.#buffer, at, at + length, `${this.#packet}: ${what}`)
    return this.#buffer.toString('utf8', at, at + length)
  }

  binary(what: string): Buffer {
    return this.bytes(this.u16(what), what)
  }

  bytes(length: number, what: string): Buffer {
    const at = this.#take(length, what)
    return Buffer.from(this.#buffer.subarray(at, at + length))
  }

  packetId(): number {
    const id = this.u16('the packet identifier')
    if (id === 0) throw this.protocolError('the packet identifier is 0') // [MQTT-2.2.1-3] [v3 MQTT-2.3.1-1]
    return id
  }

  /** A reason code out of those that the packet may carry. */
  reasonCode(allowed: ReadonlySet<ReasonCode>): ReasonCode {
    const code = this.u8('the reason code') as ReasonCode
    if (allowed.has(code)) return code
    throw this.protocolError(`the reason 0x${code.toString(16).padStart(2, '0')} is not one that it may give`)
  }

  /** A reader of the next `length` bytes alone, which this one then has passed. */
  part(length: number, what: string): ByteReader {
    const at = this.#take(length, what)
    return new ByteReader(this.#buffer, at, at + length, this.#packet)
  }

  /** Closes the reading: a packet with bytes left over was cut wrongly by somebody. */
  end(): void {
    if (this.left > 0) throw this.malformed(`${this.left} bytes are left over at its end`)
  }

  malformed(fault: string): MqttError {
    return new MqttError(ReasonCode.MalformedPacket, `${this.#packet}: ${fault}.`)
  }

  protocolError(fault: string): MqttError {
    return new MqttError(ReasonCode.ProtocolError, `${this.#packet}: ${fault}.`)
  }

  #take(length: number, what: string): number {
    const at = this.#at
    if (length > this.#end - at) throw this.malformed(`the packet ends inside ${what}`)
    this.#at = at + length
    return at
  }
}
