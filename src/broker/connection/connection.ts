// One client's connection: its socket, what was agreed on in CONNECT, and what the client is sent.
// `packet-reader.ts` reads its packets. Whatever goes wrong is turned into the right goodbye here. What
// outlives the connection is the session's.

import type { Duplex } from 'node:stream'
import { messageOf, printable } from '../../base/printable.ts'
import type { Door } from '../../model/access.ts'
import { ACK_WITH_REASON_SIZE, writeAck, writeAckWithReason } from '../../mqtt/acks.ts'
import { encodeDisconnect } from '../../mqtt/disconnect.ts'
import { FirstByte, LARGEST_PACKET } from '../../mqtt/fixed-header.ts'
import { MqttError } from '../../mqtt/mqtt-error.ts'
import type { ProtocolVersion } from '../../mqtt/protocol.ts'
import { ReasonCode } from '../../mqtt/reason-codes.ts'
import { TopicError } from '../../topics/names.ts'
import type { Aliases } from '../message/aliases.ts'
import type { Routing } from '../routing/routing.ts'
import type { Departure, Recipient, Resend } from '../session/recipient.ts'
import type { Session } from '../session/session.ts'
import type { Outlet, Sender } from '../socket/output.ts'
import { Acks } from './acks.ts'
import type { Authentication } from './authentication.ts'
import { reasonOf, whyOf } from './fault.ts'
import type { Hub, OpenConnection } from './hub.ts'
import { KeepAlive, type Speaker } from './keep-alive.ts'
import { type Handler, PacketReader, type PacketSource } from './packet-reader.ts'

/** A socket that has come in through a listener. */
export interface Arrival {
  /**
   * Bytes in order and without loss, whatever carries them.
   * [MQTT-4.2-1] [v3 MQTT-7.1.1-1] [v3 MQTT-7.1.1-2]
   */
  readonly socket: Duplex
  /** The host at the other end, or the path of a Unix socket. */
  readonly address: string
  readonly door: Door | null
  readonly certificateName?: string
  /** Set if a gateway speaks MQTT for the client. */
  readonly guest?: GuestTerms
}

/** What is other about a client for which a gateway speaks MQTT. The gateway watches over its silence. */
export interface GuestTerms {
  /** What presence calls its protocol. */
  readonly protocol: string
  /** Called when nothing is under way to the client, and nothing waits for it. */
  readonly onIdle: () => void
}

/** The state of a client that is a bridge of another broker. */
export interface Bridge {
  /** The newest event when it connected. */
  readonly since: number
}

export type PacketHandler = Handler<Connection>

export interface ConnectionOptions {
  readonly hub: Hub
  readonly handle: PacketHandler
  readonly arrival: Arrival
}

export class Connection implements OpenConnection, PacketSource, Recipient, Sender, Speaker {
  readonly hub: Hub
  readonly socket: Duplex
  readonly address: string
  /** The door decides whether the client is admitted; `null` admits everybody. */
  readonly door: Door | null
  readonly certificateName: string | undefined
  readonly protocol: string | undefined
  readonly onIdle: (() => void) | undefined
  readonly outlet: Outlet
  readonly reader: PacketReader<Connection>
  readonly keepAlive: KeepAlive

  /** Set once CONNECT is accepted; until then the client may send nothing else. */
  session: Session | null = null
  /** Set if the client has named a method in CONNECT. */
  authentication: Authentication | null = null
  /** Whether the session began with this connection. */
  hasNewSession = false
  version: ProtocolVersion = 4
  maximumPacketSize = LARGEST_PACKET
  window = 0
  /** Topic names by alias, as the client has set them up. // [MQTT-3.3.2-7] */
  aliases: (Buffer | undefined)[] | undefined
  sentAliases: Aliases | null = null
  signedBy: string | null = null
  /** Whether the client wants reasons in words. // [MQTT-3.1.2-29] */
  wantsReasons = true
  /**
   * Set if the client is a bridge of another broker: it does not get back what it brings, and gets retained
   * messages as such.
   */
  bridge: Bridge | null = null
  readonly resends: Resend[] = []
  /** The topic on which the client last published with permission. */
  cleared: Routing | null = null
  #acks: Acks | null = null
  #closed = false

  constructor({ hub, handle, arrival }: ConnectionOptions) {
    const { socket, address, door, certificateName, guest } = arrival
    this.hub = hub
    this.socket = socket
    this.address = address
    this.door = door
    this.certificateName = certificateName
    this.protocol = guest?.protocol
    this.onIdle = guest?.onIdle
    this.outlet = hub.output.outlet(socket, this)
    this.keepAlive = new KeepAlive(hub, this)
    this.reader = new PacketReader<Connection>({ hub, source: this, handle })
  }

  get closed(): boolean {
    return this.#closed
  }

  /** The acknowledgements that the client is owed for its own messages. */
  get acks(): Acks {
    return (this.#acks ??= new Acks(this.hub.output, this.outlet))
  }

  start(): void {
    const { hub, socket } = this
    hub.connections.add(this)
    hub.counters.sockets++
    this.keepAlive.start()
    this.reader.start()
    // An error is always followed by 'close', and says nothing that the departure does not.
    socket.on('error', ignore)
    socket.on('close', () => this.#onSocketClosed())
  }

  /** Sends the acknowledgements whose events have been committed. While the journal is in trouble, none. */
  releaseAcks(): void {
    const acks = this.#acks
    if (acks === null || acks.size === 0) return
    const { counters, eventLog, unacknowledged } = this.hub
    if (eventLog.trouble === null) counters.packetsSent += acks.release(eventLog.committedId)
    if (acks.size > 0) unacknowledged.add(this)
    else unacknowledged.delete(this)
  }

  /**
   * Sends a packet that is not on the hot path. If the packet is larger than the client accepts, nothing else
   * could be sent instead, so the connection ends. [MQTT-3.1.2-24]
   */
  send(packet: Buffer): void {
    if (packet.length <= this.maximumPacketSize) this.#write(packet)
    else this.close('kicked', ReasonCode.PacketTooLarge)
  }

  /**
   * Encodes a packet with a reason in words, or without if the client does not want one or it would be too
   * long.
   */
  withReason(why: string | undefined, encode: (reasonString: string | undefined) => Buffer): Buffer {
    if (why === undefined || !this.wantsReasons) return encode(undefined) // [MQTT-3.1.2-29]
    const packet = encode(printable(why, LONGEST_REASON))
    // [MQTT-3.2.2-19] [MQTT-3.9.2-1] [MQTT-3.14.2-3] [MQTT-3.2.2-20] [MQTT-3.9.2-2] [MQTT-3.14.2-4]
    return packet.length > this.maximumPacketSize ? encode(undefined) : packet
  }

  answer(firstByte: number, reason: ReasonCode, packetId: number): void {
    const { output, counters } = this.hub
    const at = output.reserve(ACK_WITH_REASON_SIZE)
    output.used =
      reason === ReasonCode.Success || this.version < 5
        ? writeAck(output.buffer, at, firstByte, packetId)
        : writeAckWithReason(output.buffer, at, firstByte, packetId, reason)
    this.outlet.append(at, output.used)
    counters.packetsSent++
  }

  onDrained(): void {
    this.reader.resume()
    this.onRoom()
  }

  onRoom(): void {
    if (this.session !== null) this.hub.backlog.resume(this, this.session)
  }

  takeOver(): void {
    this.close('takeover', ReasonCode.SessionTakenOver)
  }

  /** Ends the connection; a version 5 client is told the reason, if there is one to tell. */
  close(departure: Departure, reason?: ReasonCode, why?: string): void {
    if (this.#closed) return
    // [MQTT-3.14.0-1] [MQTT-4.13.2-1] [MQTT-3.14.2-2]
    if (reason !== undefined && this.session?.recipient === this && this.version === 5) {
      const packet = this.withReason(why, (reasonString) =>
        encodeDisconnect({ type: 'disconnect', reasonCode: reason, properties: { reasonString } }, 5),
      )
      if (packet.length <= this.maximumPacketSize) this.#write(packet)
    }
    this.#leave(departure)
    this.outlet.end() // [MQTT-3.14.4-1] [MQTT-3.14.4-2]
    // A client that does not answer the goodbye is not waited for.
    const cancel = this.hub.clock.after(LINGER_MS, () => this.socket.destroy())
    this.socket.once('close', cancel)
  }

  #write(packet: Buffer): void {
    this.hub.counters.packetsSent++
    this.outlet.send(packet)
  }

  /**
   * Turns an error into the goodbye that the client gets: here and nowhere else.
   * [MQTT-4.13.1-1] [v3 MQTT-4.8.0-1] [v3 MQTT-4.8.0-2]
   */
  giveUp(error: unknown): void {
    const { hub, address } = this
    const who = this.session === null ? address : `client "${printable(this.session.clientId)}" at ${address}`
    if (error instanceof MqttError || error instanceof TopicError) {
      hub.counters.protocolErrors++
      hub.log.info(`Closed the connection of ${who}: ${printable(error.message, 500)}`)
      this.close('kicked', reasonOf(error), whyOf(error))
    } else {
      hub.log.error(
        { error },
        `Closed the connection of ${who} because of a bug of ours: ${messageOf(error)}`,
      )
      this.close('kicked', ReasonCode.UnspecifiedError)
    }
  }

  /** A client that waits for the answer to its CONNECT may not wait for ever, so that it counts as read. */
  get isRead(): boolean {
    return !this.reader.isPaused && (!this.reader.isHeld || this.session === null)
  }

  onSilence(): void {
    if (this.session === null) this.close('kicked')
    else this.close('keepalive', ReasonCode.KeepAliveTimeout) // [MQTT-3.1.2-22] [v3 MQTT-3.1.2-24]
  }

  #onSocketClosed(): void {
    this.#leave('socket')
    this.outlet.close()
    this.hub.connections.delete(this)
  }

  #leave(departure: Departure): void {
    if (this.#closed) return
    this.#closed = true
    const { hub, session } = this
    this.keepAlive.stop()
    hub.unacknowledged.delete(this)
    if (session?.outlives) session.received.leaveUnanswered(new Map(this.#acks?.waiting(FirstByte.puback)))
    this.#acks?.clear()
    // Bytes that still come are thrown away, so that the goodbye is not lost to a reset.
    this.reader.stop()
    if (session?.holder === this) hub.sessions.leave(this, session, departure)
  }
}

const LINGER_MS = 2_000
const ignore = (): void => {}
/** The most characters of a reason that a client is told. */
const LONGEST_REASON = 300
