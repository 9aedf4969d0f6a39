// A client for the models: it reads when told to, and answers as many packets as it is told to, so that connections and hubs can end at
// every half-way point of every handshake.

import { type Client, connectClient } from './client.ts'

type Packet = Awaited<ReturnType<Client['sentSoFar']>>[number]

export interface Heard {
  readonly payload: string
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
}

export class ModelClient {
  readonly id: string
  /** As an application hears it: a QoS 2 message is told by its packet id. */
  readonly heard: Heard[] = []
  client: Client | null = null
  #unanswered: Packet[] = []
  readonly #taken = new Set<number>()
  readonly #options: Parameters<typeof connectClient>[2]

  constructor(id: string, options: Parameters<typeof connectClient>[2]) {
    this.id = id
    this.#options = options
  }

  async connect(port: number, options: Parameters<typeof connectClient>[2] = {}): Promise<void> {
    const before = this.client
    const client = await connectClient(port, this.id, { ...this.#options, ...options })
    this.lose() // if it was still there, the session has been taken over
    before?.peer.socket.destroy()
    if (client.connack.reasonCode !== 0)
      throw new Error(`${this.id} is refused: ${client.connack.reasonCode}`)
    if (!client.connack.sessionPresent) this.#taken.clear()
    this.client = client
  }

  /** The connection is gone, with what was on its way. */
  lose(): void {
    this.client?.peer.socket.destroy()
    this.client = null
    this.#unanswered = []
  }

  async disconnect(): Promise<void> {
    await this.read()
    this.client?.disconnect()
    await this.client?.expectClosed()
    this.lose()
  }

  /** Takes what has come. */
  async read(): Promise<number> {
    const packets = (await this.client?.sentSoFar()) ?? []
    for (const packet of packets) this.#take(packet)
    return packets.length
  }

  /** Says something, and takes what comes up to the answer. */
  async ask(packet: Packet, answer: Packet['type']): Promise<void> {
    this.client?.send(packet)
    for (
      let next = await this.client?.next();
      next && next.type !== answer;
      next = await this.client?.next()
    ) {
      this.#take(next)
    }
  }

  async subscribe(filter: string, qos: 1 | 2, retainHandling: 0 | 2): Promise<void> {
    const subscription = { filter, qos, noLocal: false, retainAsPublished: false, retainHandling }
    await this.ask({ type: 'subscribe', packetId: 9, subscriptions: [subscription] }, 'suback')
  }

  #take(packet: Packet): void {
    if (packet.type !== 'publish' && packet.type !== 'pubrel') return
    if (packet.type === 'publish') {
      const { payload, qos, retain, packetId } = packet
      const isCopy = qos === 2 && this.#taken.has(packetId!)
      if (!isCopy) this.heard.push({ payload: payload.toString(), qos, retain })
      if (qos === 0) return
      if (qos === 2) this.#taken.add(packetId!)
    }
    this.#unanswered.push(packet)
  }

  /** Answers the oldest of what it has read. */
  answer(most: number): void {
    for (const packet of this.#unanswered.splice(0, most)) {
      if (packet.type === 'publish') {
        const type = packet.qos === 2 ? 'pubrec' : 'puback'
        this.client?.send({ type, packetId: packet.packetId!, reasonCode: 0 })
      } else if (packet.type === 'pubrel') {
        this.#taken.delete(packet.packetId)
        this.client?.send({ type: 'pubcomp', packetId: packet.packetId, reasonCode: 0 })
      }
    }
  }

  /** Until nothing comes any more. */
  async finish(): Promise<void> {
    for (let quiet = 0; quiet < 2;) {
      await settle()
      const read = await this.read()
      this.answer(Infinity)
      quiet = read === 0 ? quiet + 1 : 0
    }
  }
}

/** Lets commits and pages that are under way come. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve))
}
