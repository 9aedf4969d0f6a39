// One gateway: what comes as a datagram goes to the client at its address. Who is not connected can look for
// the gateway, connect, or publish at QoS −1; for anything else it is told DISCONNECT, so that it connects.
//
// Always: no datagram makes this throw. Until the CONNECT of a client is accepted, an address is never sent
// more bytes than came from it, and the hub holds nothing for it but a place in a table that has a bound.

import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Gate } from '../../model/gate.ts'
import { SnClient } from '../client/client.ts'
import { decode, encode } from '../messages/codec.ts'
import { decodeForwarded, encodeForwarded } from '../messages/forwarded.ts'
import type { Message, MessageOf, MessageType } from '../messages/messages.ts'
import { ReturnCode } from '../messages/return-codes.ts'
import type { SnSettings } from '../settings.ts'
import { EVERYBODY, PredefinedTopics } from '../topics/predefined.ts'
import { AddressTable } from './addresses.ts'
import { Faults } from './faults.ts'
import { KeptWills } from './kept-wills.ts'
import { LeftSessions } from './left-sessions.ts'
import { Nameless } from './nameless.ts'

/** The version of the protocol, as CONNECT names it (5.3.8). */
const PROTOCOL_ID = 0x01

/** Who sends a datagram. */
export interface Sender {
  readonly address: string
  readonly port: number
}

export interface GatewayOptions {
  readonly clock: Clock
  readonly log: Log
  readonly gate: Gate
  readonly settings: SnSettings
  /** The port on which the gateway listens. */
  readonly port: number
  readonly send: (datagram: Buffer, to: Sender) => void
  /** From 0 up to 1; by lot if it is not given. */
  readonly random?: () => number
}

/** Where a client is: how it is reached, and by which key it is known. */
interface Place {
  readonly key: string
  /** The host, with the node behind a forwarder. */
  readonly address: string
  readonly send: (datagram: Buffer) => void
}

/** What only a client says that takes itself for connected. An answer to anything else could go in a circle. */
const ASKS: ReadonlySet<MessageType> = new Set([
  'register',
  'publish',
  'pubrel',
  'subscribe',
  'unsubscribe',
  'pingreq',
  'willtopicupd',
  'willmsgupd',
])

export class Gateway {
  readonly #options: GatewayOptions
  readonly #clients: AddressTable<SnClient>
  readonly #predefined: PredefinedTopics
  readonly #nameless: Nameless
  readonly #left: LeftSessions
  readonly #wills: KeptWills
  readonly #faults: Faults

  constructor(options: GatewayOptions) {
    const { clock, log, gate, settings, port } = options
    this.#options = options
    this.#clients = new AddressTable(settings.clients, (client) => client.evict())
    this.#predefined = new PredefinedTopics(settings.predefined)
    this.#left = new LeftSessions(settings.clients)
    this.#wills = new KeptWills(settings.clients)
    this.#faults = new Faults(clock, log)
    this.#nameless = new Nameless({
      clock,
      log,
      gate,
      clientId: `mqtt-sn-${port}`,
      address: settings.host,
      user: settings.user,
      predefined: this.#predefined.of(EVERYBODY),
    })
  }

  /** Clients that are connected, asleep, or about to connect. */
  get size(): number {
    return this.#clients.size
  }

  receive(datagram: Buffer, from: Sender): void {
    const host = `${from.address}:${from.port}`
    const forwarded = decodeForwarded(datagram)
    if (forwarded === undefined) {
      const send = (answer: Buffer): void => this.#options.send(answer, from)
      return this.#take(datagram, { key: host, address: from.address, send })
    }
    // The memory of the datagram goes with it, but for the node.
    const node = Buffer.from(forwarded.node)
    const { radius } = forwarded
    this.#take(forwarded.message, {
      key: `${host}/${node.toString('hex')}`,
      address: `${from.address}/${node.toString('hex')}`,
      send: (message) => this.#options.send(encodeForwarded({ radius, node, message }), from),
    })
  }

  /** Tells all clients that the gateway goes. */
  stop(): void {
    for (const client of this.#clients.values()) client.stop()
    this.#nameless.stop()
    this.#faults.stop()
  }

  #take(bytes: Buffer, place: Place): void {
    const message = decode(bytes)
    if (message.type === 'malformed') return this.#faults.add(place.address, message.why)
    const client = this.#clients.get(place.key)
    client?.heard(bytes.length)
    if (message.type === 'searchgw') return this.#tellGateway(place)
    if (message.type === 'connect') return this.#connect(message, bytes.length, place, client)
    if (client !== undefined && client.handle(message)) return
    if (message.type === 'publish' && message.flags.qos === -1) return this.#publishNameless(message)
    if (ASKS.has(message.type)) place.send(encode(GOODBYE))
  }

  #publishNameless(message: MessageOf<'publish'>): void {
    if (this.#options.settings.connectionless) this.#nameless.publish(message)
  }

  /** Only a gateway that can keep what it would acknowledge says that it is there (6.1). */
  #tellGateway({ send }: Place): void {
    const { gate, settings } = this.#options
    if (gate.isUsable())
      send(encode({ type: 'gwinfo', gatewayId: settings.gatewayId, address: Buffer.alloc(0) }))
  }

  #connect(
    connect: MessageOf<'connect'>,
    bytes: number,
    { key, address, send }: Place,
    before: SnClient | undefined,
  ): void {
    const refuse = (returnCode: ReturnCode): void => send(encode({ type: 'connack', returnCode }))
    if (connect.protocolId !== PROTOCOL_ID || connect.clientId === '') return refuse(ReturnCode.notSupported)
    if (before?.connectAgain(connect) === true) return
    const { clock, log, settings, gate, random = Math.random } = this.#options
    const { clientId } = connect
    if (connect.flags.clean) this.#wills.set(clientId, null)
    const client = new SnClient({
      clock,
      log,
      settings,
      gate,
      address,
      predefined: this.#predefined.of(clientId),
      connect,
      keptWill: this.#wills.get(clientId),
      wasLeft: this.#left.take(clientId),
      send,
      random,
      onWill: (will) => this.#wills.set(clientId, will),
      onProven: () => this.#clients.prove(key),
      onEnd: (forget) => {
        this.#clients.delete(key, client)
        if (forget !== null) this.#left.add(clientId, forget)
      },
    })
    if (!this.#clients.add(key, client)) return refuse(ReturnCode.congestion)
    client.heard(bytes)
    client.start()
  }
}

const GOODBYE: Message = { type: 'disconnect', duration: undefined }
