// The connection of one MQTT-SN client to the broker: MQTT 5.0 over a stream inside this process. The broker
// sees a client like any other, so that its session, its will, its rights and its presence are like those of
// any other, and an acknowledgement comes when what it stands for is committed.

import { Duplex } from 'node:stream'
import type { Gate, Guest, GuestWill } from '../../model/gate.ts'
import { LARGEST_PACKET } from '../../mqtt/fixed-header.ts'
import { decodePacket, encodePacket, type Packet } from '../../mqtt/packet.ts'
import { PacketParser } from '../../mqtt/parser.ts'

const VERSION = 5
const PROTOCOL = 'MQTT-SN 1.2'
/** A session that outlives its connection does so for ever, as in MQTT 3.1.1. */
const NEVER_EXPIRES = 0xffff_ffff
/** Bytes for the broker that may wait while it does not read. */
const MOST_UNREAD = 16 * 1024

export interface LineOptions {
  readonly gate: Gate
  /** The host of the client. */
  readonly address: string
  readonly user: string | undefined
  /** Takes what the broker sends. */
  readonly onPacket: (packet: Packet) => void
  /** Nothing is under way to the client, and nothing waits for it. */
  readonly onIdle: () => void
  /** The broker has ended the connection. */
  readonly onEnd: () => void
}

export interface LineConnect {
  readonly clientId: string
  /** Whether the session begins anew, and ends with the connection. */
  readonly clean: boolean
  readonly will: GuestWill | null
}

export class Line {
  readonly guest: Guest
  readonly #stream: Duplex
  /** What the broker has said in this turn. It is heard when the broker has finished its own work. */
  #unheard: (() => void)[] = []

  constructor({ gate, address, user, onPacket, onIdle, onEnd }: LineOptions) {
    const hear = (act: () => void): void => this.#hear(act)
    const parser = new PacketParser(
      {
        take(firstByte, buffer, start, end) {
          const packet = decodePacket(VERSION, firstByte, buffer, start, end)
          hear(() => onPacket(packet))
          return true
        },
      },
      { maximumPacketSize: LARGEST_PACKET, version: VERSION },
    )
    this.#stream = new Duplex({
      readableHighWaterMark: MOST_UNREAD,
      read() {},
      write(chunk: Buffer, _encoding, done) {
        parser.push(chunk)
        done()
      },
      final(done) {
        done()
        this.destroy()
        hear(onEnd)
      },
    })
    const arrival = { socket: this.#stream, address, protocol: PROTOCOL, user }
    this.guest = gate.accept({ ...arrival, onIdle: () => hear(onIdle) })
  }

  /** Sends CONNECT. */
  connect({ clientId, clean, will }: LineConnect): void {
    this.send({
      type: 'connect',
      version: VERSION,
      bridge: false,
      clean,
      // The gateway watches over the client's silence, and sends it one message after the other.
      keepAlive: 0,
      clientId,
      ...(will !== null && { will }),
      properties: { sessionExpiryInterval: clean ? 0 : NEVER_EXPIRES, receiveMaximum: 1 },
    })
  }

  /** Sends a packet. Returns `false` if the broker does not read at this moment: nothing was sent. */
  send(packet: Packet): boolean {
    if (this.#stream.destroyed || this.#stream.readableLength >= MOST_UNREAD) return false
    this.#stream.push(encodePacket(packet, VERSION))
    return true
  }

  #hear(act: () => void): void {
    if (this.#unheard.push(act) > 1) return
    queueMicrotask(() => {
      const unheard = this.#unheard
      this.#unheard = []
      for (const hear of unheard) hear()
    })
  }
}
