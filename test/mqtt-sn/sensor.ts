// Sensors over a real socket, each at an address of its own, or many behind one forwarder. A sensor repeats a
// message until it is answered, and acknowledges the messages and the topic ids that the hub sends.

import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { decode, encode } from '../../src/mqtt-sn/messages/codec.ts'
import { NO_FLAGS } from '../../src/mqtt-sn/messages/flags.ts'
import { decodeForwarded, encodeForwarded } from '../../src/mqtt-sn/messages/forwarded.ts'
import type { Message } from '../../src/mqtt-sn/messages/messages.ts'

const HOST = '127.0.0.1'

export class Sensor {
  /** The payloads of the messages that came, each as often as it came. */
  readonly got: string[] = []
  readonly clientId: string
  /** How often something was said again. */
  repeats = 0
  readonly #send: (datagram: Buffer) => void
  readonly #retryMs: number
  #hear: (message: Message) => void = () => {}

  /** @param retryMs how long an answer is waited for */
  constructor(clientId: string, send: (datagram: Buffer) => void, retryMs: number) {
    this.clientId = clientId
    this.#send = send
    this.#retryMs = retryMs
  }

  /** Takes a datagram of the hub. */
  receive(datagram: Buffer): void {
    const message = decode(datagram)
    if (message.type === 'malformed') throw new Error(`The hub sends a datagram that ${message.why}.`)
    if (message.type === 'publish') {
      const { flags, topicId, msgId, data } = message
      this.got.push(data.toString())
      if (flags.qos === 1) this.#say({ type: 'puback', topicId, msgId, returnCode: 0 })
    } else if (message.type === 'register') {
      const { topicId, msgId } = message
      this.#say({ type: 'regack', topicId, msgId, returnCode: 0 })
    } else this.#hear(message)
  }

  /** Says something until what comes is an answer to it; resolves with the answer. */
  async ask(message: Message, isAnswer: (message: Message) => boolean): Promise<Message> {
    const { promise, resolve } = Promise.withResolvers<Message>()
    this.#hear = (heard) => {
      if (isAnswer(heard)) resolve(heard)
    }
    this.#say(message)
    const again = setInterval(() => {
      this.repeats++
      this.#say(message.type === 'publish' ? { ...message, flags: { ...message.flags, dup: true } } : message)
    }, this.#retryMs)
    try {
      return await promise
    } finally {
      clearInterval(again)
    }
  }

  /** Connects with a session that outlives the connection. Says so again while the hub is congested. */
  async connect(): Promise<void> {
    const connect = {
      type: 'connect',
      flags: NO_FLAGS,
      protocolId: 1,
      duration: 600,
      clientId: this.clientId,
    } as const
    for (;;) {
      const answer = await this.ask(connect, ({ type }) => type === 'connack')
      if (answer.type === 'connack' && answer.returnCode === 0) return
      await pause(this.#retryMs)
    }
  }

  /** Publishes at QoS 1. Resolves with `puback`, or with `disconnect` if the hub does not know the sensor. */
  async publish(topicId: number, msgId: number, payload: string): Promise<'puback' | 'disconnect'> {
    const flags = { ...NO_FLAGS, qos: 1, topicType: 'predefined' } as const
    const answer = await this.ask(
      { type: 'publish', flags, topicId, msgId, data: Buffer.from(payload) },
      (heard) =>
        heard.type === 'disconnect' ||
        (heard.type === 'puback' && heard.msgId === msgId && heard.returnCode === 0),
    )
    return answer.type as 'puback' | 'disconnect'
  }

  async subscribe(topic: string): Promise<void> {
    const flags = { ...NO_FLAGS, qos: 1 } as const
    await this.ask(
      { type: 'subscribe', flags, msgId: 1, topic: Buffer.from(topic) },
      (heard) => heard.type === 'suback' && heard.msgId === 1 && heard.returnCode === 0,
    )
  }

  async sleep(seconds: number): Promise<void> {
    await this.ask({ type: 'disconnect', duration: seconds }, ({ type }) => type === 'disconnect')
  }

  /** Looks for what waits. Resolves when the hub says that this is all. */
  async wake(): Promise<void> {
    await this.ask({ type: 'pingreq', clientId: this.clientId }, ({ type }) => type === 'pingresp')
  }

  #say(message: Message): void {
    this.#send(encode(message))
  }
}

export interface Radio {
  readonly sensors: readonly Sensor[]
  /** Closes the sockets. */
  readonly close: () => void
}

/** Sensors that have a socket each. */
export async function openSensors(
  port: number,
  clientIds: readonly string[],
  retryMs: number,
): Promise<Radio> {
  const opened = await Promise.all(
    clientIds.map(async (clientId) => {
      const socket = await openSocket()
      const sensor = new Sensor(clientId, (datagram) => socket.send(datagram, port, HOST), retryMs)
      socket.on('message', (datagram) => sensor.receive(datagram))
      return { socket, sensor }
    }),
  )
  return {
    sensors: opened.map(({ sensor }) => sensor),
    close: () => opened.forEach(({ socket }) => socket.close()),
  }
}

/** Sensors behind one forwarder: one socket, and a node id of four octets each. */
export async function openForwarder(
  port: number,
  clientIds: readonly string[],
  retryMs: number,
): Promise<Radio> {
  const socket = await openSocket()
  const sensors = clientIds.map((clientId, index) => {
    const node = Buffer.alloc(4)
    node.writeUInt32BE(index)
    const send = (message: Buffer): void =>
      socket.send(encodeForwarded({ radius: 0, node, message }), port, HOST)
    return new Sensor(clientId, send, retryMs)
  })
  socket.on('message', (datagram) => {
    const forwarded = decodeForwarded(datagram)
    if (forwarded === undefined) throw new Error('The hub answers a forwarder without its encapsulation.')
    sensors[forwarded.node.readUInt32BE(0)]!.receive(forwarded.message)
  })
  return { sensors, close: () => socket.close() }
}

async function openSocket(): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 2 ** 20 })
  socket.bind({ address: HOST })
  await once(socket, 'listening')
  return socket
}
