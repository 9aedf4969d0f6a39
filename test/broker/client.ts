// A client for tests that speaks in packets, one by one: nothing is answered or repeated of its own accord.

import type { ConnackPacket } from '../../src/mqtt/connack.ts'
import type { ConnectPacket } from '../../src/mqtt/connect.ts'
import { decodePacket, encodePacket, type Packet } from '../../src/mqtt/packet.ts'
import type { ProtocolVersion, QoS } from '../../src/mqtt/protocol.ts'
import type { PublishPacket } from '../../src/mqtt/publish.ts'
import type { Subscription } from '../../src/mqtt/subscribe.ts'
import { Peer } from '../wire/peer.ts'

type PacketOf<T extends Packet['type']> = Extract<Packet, { readonly type: T }>

export class Client {
  readonly peer: Peer
  readonly version: ProtocolVersion
  #packetId = 0

  constructor(peer: Peer, version: ProtocolVersion) {
    this.peer = peer
    this.version = version
  }

  send(packet: Packet): void {
    this.peer.send(encodePacket(packet, this.version))
  }

  /** The next packet; undefined when the broker has closed the connection. */
  async next(): Promise<Packet | undefined> {
    const bytes = await this.peer.next()
    if (bytes === undefined) return undefined
    let bodyStart = 1
    while (bytes[bodyStart]! >= 0x80) bodyStart++
    return decodePacket(this.version, bytes[0]!, bytes, bodyStart + 1, bytes.length)
  }

  /** The next packet, which has to be of this type. */
  async expect<T extends Packet['type']>(type: T): Promise<PacketOf<T>> {
    const packet = await this.next()
    if (packet?.type !== type)
      throw new Error(`Not ${type} came, but ${JSON.stringify(packet) ?? 'the end'}.`)
    return packet as PacketOf<T>
  }

  async expectClosed(): Promise<void> {
    const packet = await this.next()
    if (packet !== undefined) throw new Error(`Not the end came, but ${JSON.stringify(packet)}.`)
  }

  /** All that the broker has sent before it answered this. */
  async sentSoFar(): Promise<Packet[]> {
    this.send({ type: 'pingreq' })
    const packets: Packet[] = []
    for (let packet = await this.next(); packet?.type !== 'pingresp'; packet = await this.next()) {
      if (packet === undefined) throw new Error('The broker has closed the connection.')
      packets.push(packet)
    }
    return packets
  }

  publish(topic: string, payload: string, options: Partial<PublishPacket> = {}): number {
    const packetId = options.packetId ?? (this.#packetId = (this.#packetId % 65_535) + 1)
    this.send({
      type: 'publish',
      topic,
      payload: Buffer.from(payload),
      qos: 0,
      retain: false,
      dup: false,
      ...options,
      packetId: (options.qos ?? 0) > 0 ? packetId : undefined,
    })
    return packetId
  }

  async subscribe(filter: string, qos: QoS = 0, options: Partial<Subscription> = {}): Promise<void> {
    const subscription = { filter, qos, noLocal: false, retainAsPublished: false, retainHandling: 0 as const }
    this.send({ type: 'subscribe', packetId: 9, subscriptions: [{ ...subscription, ...options }] })
    await this.expect('suback')
  }

  disconnect(): void {
    this.send({ type: 'disconnect', reasonCode: 0 })
  }
}

/** Connects and takes the CONNACK. */
export async function connectClient(
  port: number,
  clientId: string,
  options: Partial<ConnectPacket> = {},
): Promise<Client & { readonly connack: ConnackPacket }> {
  const client = await openClient(port, options.version)
  client.send(connectPacket(clientId, options))
  return Object.assign(client, { connack: await client.expect('connack') })
}

/** A connection that has not said CONNECT. */
export const openClient = async (port: number, version: ProtocolVersion = 5): Promise<Client> =>
  new Client(await Peer.to(port), version)

export const connectPacket = (clientId: string, options: Partial<ConnectPacket> = {}): ConnectPacket => ({
  type: 'connect',
  version: 5,
  bridge: false,
  clean: true,
  keepAlive: 0,
  clientId,
  ...options,
})
