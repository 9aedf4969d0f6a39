// Cuts the stream of a connection into packets, whatever the chunks. It looks at the fixed header alone: what
// is inside of a packet is for the decoder of its type. Any MqttError means that the connection must end; the
// parser is then spent.

import { copyBytes } from './bytes.ts'
import { allowedFirstBytes, firstByteError } from './fixed-header.ts'
import { MqttError } from './mqtt-error.ts'
import { PacketType, packetTypeName, type ProtocolVersion } from './protocol.ts'
import { ReasonCode } from './reason-codes.ts'

export interface PacketSink {
  /**
   * Takes one whole packet: its first byte, and where its body lies. Answers whether to go on: false stops
   * `push` after this packet, because the connection was closed, or because what follows has to wait.
   *
   * **How long `buffer` is good.** If it is the chunk that was given to `push`, only until the sink returns,
   * since the socket may read the next chunk into the same memory. If the packet spanned chunks, `buffer` is
   * the packet's own and nobody writes to it again. A sink that keeps bytes copies them, or asks `buffer !==
   * chunk` first.
   */
  take(firstByte: number, buffer: Buffer, bodyStart: number, bodyEnd: number): boolean
}

export interface PacketParserOptions {
  /** Largest packet accepted, in bytes, its header included. */
  readonly maximumPacketSize: number
  /** The limit for packets other than PUBLISH, if it is lower: these are decoded into objects as a whole. */
  readonly maximumControlSize?: number
  /**
   * The protocol version, when it is known from the start. A server leaves it out and sets `parser.version`
   * at CONNECT.
   */
  readonly version?: ProtocolVersion
}

/** The first memory that a packet which spans chunks gets, however long it says that it will be. */
const FIRST_PIECE = 1024

export class PacketParser {
  readonly #sink: PacketSink
  #maximumPacketSize: number
  readonly #maximumControlSize: number
  #version: ProtocolVersion
  #allowed: Uint8Array

  // A header that the last chunk ended in: its first byte (0 = none), the length so far, the bits of it that
  // came.
  #firstByte = 0
  #length = 0
  #shift = 0

  // A body that the last chunk ended in. `#body` grows as bytes arrive, up to `#length`.
  #body: Buffer | undefined
  #filled = 0

  constructor(sink: PacketSink, options: PacketParserOptions) {
    this.#sink = sink
    this.#maximumPacketSize = options.maximumPacketSize
    this.#maximumControlSize = options.maximumControlSize ?? Infinity
    this.#version = options.version ?? 4
    this.#allowed = allowedFirstBytes(this.#version)
  }

  get version(): ProtocolVersion {
    return this.#version
  }

  /**
   * The version decides which flags are allowed; takes effect with the next packet, also from within the
   * sink.
   */
  set version(version: ProtocolVersion) {
    this.#version = version
    this.#allowed = allowedFirstBytes(version)
  }

  /** A limit may be tighter until CONNECT; takes effect with the next packet. */
  set maximumPacketSize(bytes: number) {
    this.#maximumPacketSize = bytes
  }

  /** Whether the first bytes of a packet have arrived, and the last have not. */
  get isInsidePacket(): boolean {
    return this.#firstByte !== 0 || this.#body !== undefined
  }

  /**
   * Takes the bytes [start, end) of a chunk and hands each packet that they complete to the sink. Nothing of
   * the chunk is kept. Returns `end`, or where it stopped because the sink said so: whoever goes on later
   * pushes the rest from there.
   */
  push(chunk: Buffer, start = 0, end = chunk.length): number {
    let at = start
    while (at < end) {
      if (this.#body !== undefined) {
        at = this.#collect(this.#body, chunk, at, end)
        if (this.#filled < this.#length) return end
        if (!this.#deliverCollected()) return at
        continue
      }

      let firstByte = this.#firstByte
      let length = this.#length
      let shift = this.#shift
      if (firstByte === 0) {
        firstByte = chunk[at++]!
        if (this.#allowed[firstByte] === 0) throw firstByteError(this.#version, firstByte)
        length = 0
        shift = 0
      }
      let byte = 0x80
      while (at < end) {
        byte = chunk[at++]!
        length |= (byte & 0x7f) << shift
        if (byte < 0x80) break
        shift += 7
        if (shift > 21) throw lengthError(firstByte, 'is longer than four bytes')
      }
      if (byte >= 0x80) {
        this.#firstByte = firstByte
        this.#length = length
        this.#shift = shift
        return end
      }
      this.#firstByte = 0
      if (byte === 0 && shift > 0 && this.#version === 5) {
        throw lengthError(firstByte, 'takes more bytes than it needs') // [MQTT-1.5.5-1]
      }
      const size = length + 2 + shift / 7
      if (size > this.#maximumPacketSize) throw tooLarge(firstByte, size, this.#maximumPacketSize)
      if (size > this.#maximumControlSize && firstByte >> 4 !== PacketType.publish)
        throw tooLarge(firstByte, size, this.#maximumControlSize)

      const bodyEnd = at + length
      if (bodyEnd > end) {
        this.#firstByte = firstByte
        this.#length = length
        this.#begin(chunk, at, end)
        return end
      }
      if (!this.#sink.take(firstByte, chunk, at, bodyEnd)) return bodyEnd
      at = bodyEnd
    }
    return at
  }

  #begin(chunk: Buffer, at: number, end: number): void {
    this.#body = Buffer.allocUnsafe(Math.min(this.#length, Math.max(FIRST_PIECE, 2 * (end - at))))
    this.#filled = copyBytes(chunk, at, end, this.#body, 0)
  }

  /** Doubling keeps the copying linear, and commits memory for no more than twice of what came. */
  #collect(body: Buffer, chunk: Buffer, at: number, end: number): number {
    const take = Math.min(this.#length - this.#filled, end - at)
    let target = body
    if (this.#filled + take > body.length) {
      target = Buffer.allocUnsafe(Math.min(this.#length, Math.max(2 * body.length, this.#filled + take)))
      body.copy(target, 0, 0, this.#filled)
      this.#body = target
    }
    this.#filled = copyBytes(chunk, at, at + take, target, this.#filled)
    return at + take
  }

  #deliverCollected(): boolean {
    const body = this.#body!
    const firstByte = this.#firstByte
    this.#body = undefined
    this.#firstByte = 0
    return this.#sink.take(firstByte, body, 0, this.#length)
  }
}

// [MQTT-3.1.2-24] from the client's side; a server tells its own limit in CONNACK [MQTT-3.2.2-15]
function tooLarge(firstByte: number, size: number, limit: number): MqttError {
  return new MqttError(
    ReasonCode.PacketTooLarge,
    `${packetTypeName(firstByte >> 4)} of ${size} bytes is above the limit of ${limit}.`,
  )
}

function lengthError(firstByte: number, fault: string): MqttError {
  return new MqttError(
    ReasonCode.MalformedPacket,
    `${packetTypeName(firstByte >> 4)}: the remaining length ${fault}.`,
  )
}
