// Reads the packets of one client, one after the other. Nothing more is read while a packet waits for an
// answer that is worked out elsewhere (the reader is held), and while the journal, or the client itself, is
// behind (it is paused).
//
// Always: no packet is taken before the one before it is done with. What has come meanwhile is kept here.

import type { Duplex } from 'node:stream'
import { EMPTY } from '../../mqtt/bytes.ts'
import { PacketParser, type PacketSink } from '../../mqtt/parser.ts'
import type { ProtocolVersion } from '../../mqtt/protocol.ts'
import type { Session } from '../session/session.ts'
import { read, type Receiver } from '../socket/input.ts'
import type { Outlet } from '../socket/output.ts'
import type { Hub, PausedReader } from './hub.ts'
import type { KeepAlive } from './keep-alive.ts'

/** The connection whose packets are read. */
export interface PacketSource {
  readonly socket: Duplex
  readonly outlet: Outlet
  readonly keepAlive: KeepAlive
  /** `null` until CONNECT is answered. */
  readonly session: Session | null
  /** Sends the acknowledgements whose events have been committed. */
  releaseAcks(): void
  /** Called when a packet or the hub is at fault: nothing is read any more. */
  giveUp(error: unknown): void
}

/** Performs a packet. Its bytes are valid only until the handler returns. */
export type Handler<Source> = (
  source: Source,
  firstByte: number,
  buffer: Buffer,
  start: number,
  end: number,
) => void

export interface PacketReaderOptions<Source extends PacketSource> {
  readonly hub: Pick<Hub, 'counters' | 'journal' | 'limits' | 'paused' | 'turns'>
  readonly source: Source
  readonly handle: Handler<Source>
}

export class PacketReader<Source extends PacketSource> implements PacketSink, PausedReader, Receiver {
  readonly #hub: PacketReaderOptions<Source>['hub']
  readonly #source: Source
  readonly #handle: Handler<Source>
  readonly #parser: PacketParser
  #hasTaken = false
  #isHeld = false
  #isStopped = false
  /** Bytes that have arrived while the reader is held. */
  #rest: Buffer = EMPTY

  constructor({ hub, source, handle }: PacketReaderOptions<Source>) {
    this.#hub = hub
    this.#source = source
    this.#handle = handle
    const { packetBytes, controlBytes } = hub.limits
    this.#parser = new PacketParser(this, {
      maximumPacketSize: packetBytes,
      maximumControlSize: controlBytes,
    })
  }

  start(): void {
    read(this.#source.socket, this)
  }

  /** Stops reading: bytes that arrive from now on are thrown away. */
  stop(): void {
    this.#isStopped = true
    this.#hub.paused.delete(this)
    this.#source.socket.resume()
  }

  /** Sets the protocol version, which the first packet has said. */
  setVersion(version: ProtocolVersion): void {
    this.#parser.version = version
  }

  get isHeld(): boolean {
    return this.#isHeld
  }

  get isPaused(): boolean {
    return this.#hub.paused.has(this)
  }

  receive(bytes: Buffer, length: number): void {
    if (this.#isStopped) return
    const { counters, limits, turns } = this.#hub
    counters.bytesReceived += length
    this.#hasTaken = false
    if (this.#isHeld) {
      this.#rest = Buffer.concat([this.#rest, bytes.subarray(0, length)])
    } else {
      turns.begin()
      this.#parse(bytes, length)
    }
    // Bytes before CONNECT do not buy time.
    if (this.#source.session !== null) this.#source.keepAlive.heard(length, this.#hasTaken)
    this.#source.releaseAcks()
    // Messages stop at the limit; what is beyond are answers to a client that asks on and does not read.
    if (!this.#isStopped && !this.#source.outlet.hasRoom(2 * limits.outputBytes)) this.pause()
  }

  take(firstByte: number, buffer: Buffer, start: number, end: number): boolean {
    this.#hub.counters.packetsReceived++
    this.#hasTaken = true
    this.#handle(this.#source, firstByte, buffer, start, end)
    return !this.#isStopped && !this.#isHeld && !this.#hub.turns.isOver
  }

  /** Takes no further packet until others have had their turn. */
  holdForOthers(act: () => void): void {
    this.#hold()
    this.#hub.turns.wait(() => this.#goOn(act))
  }

  /** Takes no further packet until the answer is there. */
  hold<T>(answer: Promise<T>, take: (answer: T) => void): void {
    this.#hold()
    answer.then(
      (found) => this.#goOn(() => take(found)),
      (error: unknown) => this.#goOn(() => this.#source.giveUp(error)),
    )
  }

  /** Takes no further packet until the change with this mark is committed: at once if it already is. */
  holdUntilCommitted(mark: number, act: () => void): void {
    const { journal } = this.#hub
    if (journal.isCommitted(mark)) act()
    else this.hold(new Promise<void>((resolve) => journal.whenCommitted(mark, resolve)), act)
  }

  /** Stops reading from the client until the journal, or the client itself, has caught up. */
  pause(): void {
    if (this.isPaused) return
    this.#hub.paused.add(this)
    this.#source.socket.pause()
  }

  resume(): void {
    if (!this.#hub.paused.delete(this)) return
    this.#source.keepAlive.beginAnew()
    if (!this.#isHeld) this.#source.socket.resume()
  }

  #parse(bytes: Buffer, length: number): void {
    try {
      const end = this.#parser.push(bytes, 0, length)
      if (!this.#isHeld && !this.#isStopped && end < length) this.holdForOthers(ignore)
      if (this.#isHeld) this.#rest = Buffer.from(bytes.subarray(end, length))
    } catch (error) {
      this.#source.giveUp(error)
    }
  }

  #hold(): void {
    this.#isHeld = true
    this.#source.socket.pause()
  }

  #goOn(act: () => void): void {
    if (this.#isStopped) return
    this.#isHeld = false
    if (this.#source.session !== null) this.#source.keepAlive.beginAnew()
    const rest = this.#rest
    this.#rest = EMPTY
    try {
      act()
    } catch (error) {
      this.#source.giveUp(error)
    }
    if (this.#isStopped) return
    if (this.#isHeld) this.#rest = rest
    else this.#parse(rest, rest.length)
    this.#source.releaseAcks()
    if (!this.#isHeld && !this.isPaused) this.#source.socket.resume()
  }
}

const ignore = (): void => {}
