// One MQTT connection to another broker, from the side of the client: packets in and out, and the keep alive.
// Whoever holds the link decides when what has come in is acknowledged. So, unlike with a client library, an
// acknowledgement may wait for a commit while later messages are read.

import type { Duplex } from 'node:stream'
import type { Clock } from '../../base/clock.ts'
import { messageOf } from '../../base/printable.ts'
import { formatDuration } from '../../base/quantities.ts'
import { LARGEST_PACKET } from '../../mqtt/fixed-header.ts'
import { MqttError } from '../../mqtt/mqtt-error.ts'
import { decodePacket, encodePacket } from '../../mqtt/packet.ts'
import type { Packet } from '../../mqtt/packet.ts'
import { PacketParser } from '../../mqtt/parser.ts'
import type { ProtocolVersion } from '../../mqtt/protocol.ts'

/** Bytes that may wait for the socket; more is sent when they have left. */
const OUTPUT_BYTES = 2 ** 20
/** How long an orderly end may take. */
const GOODBYE_MS = 2_000

export interface LinkHandlers {
  /** Takes a packet, in the order of arrival. */
  packet(packet: Packet): void
  /** The socket has room again. */
  room(): void
  /** The connection is gone. Called once. `why` is the rest of a sentence that begins with the address. */
  ended(why: string): void
}

export interface LinkOptions {
  readonly stream: Duplex
  readonly version: ProtocolVersion
  readonly clock: Clock
  readonly handlers: LinkHandlers
}

export class Link {
  readonly version: ProtocolVersion
  readonly #stream: Duplex
  readonly #clock: Clock
  readonly #handlers: LinkHandlers
  readonly #parser: PacketParser
  /** Half of the keep alive: the line is looked at so often. */
  #tickMs = 0
  #sentAt: number
  #heardAt: number
  /** When the PINGREQ was sent that waits for an answer. */
  #pingedAt: number | null = null
  #cancelTick = (): void => {}
  #ended = false
  #why = 'it closed the connection'

  constructor({ stream, version, clock, handlers }: LinkOptions) {
    this.version = version
    this.#stream = stream
    this.#clock = clock
    this.#handlers = handlers
    this.#parser = new PacketParser(
      { take: (firstByte, buffer, start, end) => this.#take(firstByte, buffer, start, end) },
      { maximumPacketSize: LARGEST_PACKET, version },
    )
    this.#sentAt = this.#heardAt = clock.steady()
  }

  start(): void {
    this.#stream.on('data', (chunk: Buffer) => this.#read(chunk))
    this.#stream.on('drain', () => this.#handlers.room())
    this.#stream.on('error', (error) => {
      this.#why = messageOf(error)
    })
    this.#stream.on('end', () => this.#stream.destroy())
    this.#stream.on('close', () => this.#end())
  }

  get isOpen(): boolean {
    return !this.#ended
  }

  /** Whether the socket takes more without holding it in memory. */
  get hasRoom(): boolean {
    return this.#stream.writableLength < OUTPUT_BYTES
  }

  send(packet: Packet): void {
    this.sendBytes(encodePacket(packet, this.version))
  }

  sendBytes(bytes: Buffer): void {
    if (this.#ended) return
    this.#sentAt = this.#clock.steady()
    // What one turn sends leaves in one piece.
    if (this.#stream.writableCorked === 0) {
      this.#stream.cork()
      process.nextTick(() => this.#stream.uncork())
    }
    this.#stream.write(bytes)
  }

  /** Sends PINGREQ when the line was quiet, and ends it when nothing comes back. [MQTT-3.1.2-20] */
  keepAlive(lengthMs: number): void {
    this.#cancelTick()
    if (lengthMs === 0) return
    this.#tickMs = lengthMs / 2
    this.#arm()
  }

  pause(): void {
    this.#stream.pause()
  }

  resume(): void {
    this.#stream.resume()
  }

  /** Says goodbye and closes the connection; resolves when it is closed. */
  async close(goodbye: Packet = { type: 'disconnect', reasonCode: 0 }): Promise<void> {
    if (this.#ended) return
    this.#why = 'the connection was closed here'
    const gone = new Promise<void>((resolve) => this.#stream.once('close', () => resolve()))
    const cancel = this.#clock.after(GOODBYE_MS, () => this.#stream.destroy())
    this.#stream.resume()
    this.#stream.end(encodePacket(goodbye, this.version))
    await gone
    cancel()
  }

  /** Cuts the connection. */
  cut(why: string): void {
    this.#why = why
    this.#stream.destroy()
    // The socket says so later; nothing that still comes is taken.
    this.#end()
  }

  #read(chunk: Buffer): void {
    this.#heardAt = this.#clock.steady()
    try {
      this.#parser.push(chunk)
    } catch (error) {
      if (!(error instanceof MqttError)) throw error
      this.cut(`it broke the protocol: ${error.message}`)
    }
  }

  #take(firstByte: number, buffer: Buffer, start: number, end: number): boolean {
    this.#handlers.packet(decodePacket(this.version, firstByte, buffer, start, end))
    return !this.#ended
  }

  #arm(): void {
    this.#cancelTick = this.#clock.after(this.#tickMs, () => this.#tick())
  }

  #tick(): void {
    const now = this.#clock.steady()
    if (this.#pingedAt !== null && this.#heardAt < this.#pingedAt)
      return this.cut(`it has not answered for ${formatDuration(Math.round(now - this.#heardAt))}`)
    this.#pingedAt = null
    // An answer is asked for also while messages go out: nobody may be there to read them.
    if (now - Math.min(this.#sentAt, this.#heardAt) >= this.#tickMs) {
      this.send({ type: 'pingreq' })
      this.#pingedAt = now
    }
    this.#arm()
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#cancelTick()
    this.#handlers.ended(this.#why)
  }
}
