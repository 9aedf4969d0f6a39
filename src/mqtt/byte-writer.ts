// Builds one packet, field by field, in a buffer that grows; for all packets but those of the hot path, which
// are written straight into the output. What does not fit the format (a text above 65,535 bytes) is our bug:
// a RangeError.
//
// What a writer gives away has just its own length: most of it is short and some is kept for days, and room
// to grow would be too.

import {
  copyBytes,
  EMPTY,
  MAX_TEXT_BYTES,
  MAX_VARINT,
  varintSize,
  writeU16,
  writeU32,
  writeVarint,
} from './bytes.ts'

/** Room in front of the body for the first byte and the longest remaining length. */
const HEADER_ROOM = 5

const ROOM = 1_024
/** Handed on from one writer to the next; null while one is at work. */
let spare: Buffer | null = null

export class ByteWriter {
  #buffer: Buffer
  #at = HEADER_ROOM

  constructor() {
    this.#buffer = spare ?? Buffer.allocUnsafeSlow(ROOM)
    spare = null
  }

  u8(value: number): void {
    this.#reserve(1)
    this.#buffer[this.#at++] = value
  }

  u16(value: number): void {
    this.#reserve(2)
    this.#at = writeU16(this.#buffer, this.#at, value)
  }

  u32(value: number): void {
    this.#reserve(4)
    this.#at = writeU32(this.#buffer, this.#at, value)
  }

  varint(value: number): void {
    if (value > MAX_VARINT) throw new RangeError(`${value} does not fit a variable byte integer.`)
    this.#reserve(4)
    this.#at = writeVarint(this.#buffer, this.#at, value)
  }

  text(value: string): void {
    // Never more than three bytes for each unit of the string.
    this.#reserve(2 + 3 * value.length)
    const length = this.#buffer.write(value, this.#at + 2, 'utf8')
    checkLength(length)
    this.#at = writeU16(this.#buffer, this.#at, length) + length
  }

  binary(value: Uint8Array): void {
    checkLength(value.length)
    this.u16(value.length)
    this.bytes(value)
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length)
    this.#buffer.set(value, this.#at)
    this.#at += value.length
  }

  /** Puts the length of what `write` writes in front of it. */
  withLength(write: () => void): void {
    const start = this.#at
    this.u8(0)
    write()
    const length = this.#at - start - 1
    const shift = varintSize(length) - 1
    this.#reserve(shift)
    this.#buffer.copyWithin(start + 1 + shift, start + 1, this.#at)
    writeVarint(this.#buffer, start, length)
    this.#at += shift
  }

  /** The whole packet: `firstByte`, the length, and all that was written. Ends the writer. */
  packet(firstByte: number): Buffer {
    const length = this.#at - HEADER_ROOM
    if (length > MAX_VARINT) throw new RangeError(`A packet of ${length} bytes does not fit MQTT's limit.`)
    const start = HEADER_ROOM - 1 - varintSize(length)
    this.#buffer[start] = firstByte
    writeVarint(this.#buffer, start + 1, length)
    return this.#end(start)
  }

  /** The bytes that were written, without a packet header. Ends the writer. */
  body(): Buffer {
    return this.#end(HEADER_ROOM)
  }

  #end(start: number): Buffer {
    const bytes = start === this.#at ? EMPTY : Buffer.from(this.#buffer.subarray(start, this.#at))
    if (this.#buffer.length === ROOM) spare = this.#buffer
    this.#buffer = EMPTY
    return bytes
  }

  #reserve(length: number): void {
    if (this.#at + length <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#at + length))
    copyBytes(this.#buffer, 0, this.#at, larger, 0)
    this.#buffer = larger
  }
}

function checkLength(length: number): void {
  if (length > MAX_TEXT_BYTES) {
    throw new RangeError(`A field of ${length} bytes does not fit MQTT's limit of ${MAX_TEXT_BYTES}.`)
  }
}
