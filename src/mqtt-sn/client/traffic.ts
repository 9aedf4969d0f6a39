// What passes between one client and the broker after CONNECT: what the client publishes and subscribes to
// (`uplink.ts`), what it is sent (`downlink.ts`), and the topic ids that both name.

import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { printable } from '../../base/printable.ts'
import type { Gate, GuestDrop } from '../../model/gate.ts'
import type { Packet } from '../../mqtt/packet.ts'
import type { Message } from '../messages/messages.ts'
import type { SnSettings } from '../settings.ts'
import type { Predefined } from '../topics/predefined.ts'
import { LAST_ID } from '../topics/predefined-file.ts'
import { TopicIds } from '../topics/topic-ids.ts'
import { Downlink } from './downlink.ts'
import { Uplink } from './uplink.ts'

export interface TrafficOptions {
  readonly clock: Clock
  readonly log: Log
  readonly random: () => number
  readonly settings: SnSettings
  readonly gate: Gate
  readonly clientId: string
  readonly predefined: Predefined
  /** Sends to the client. */
  readonly send: (message: Message) => void
  /** Sends to the broker. Returns `false` if it does not read at this moment. */
  readonly tell: (packet: Packet) => boolean
  /** Whether the client has to show that it hears the hub before it gets more. */
  readonly isDoubtful: () => boolean
  /** The client has said what only it was told. */
  readonly onHeard: () => void
  /** Nothing is left to send to the client. */
  readonly onEmpty: () => void
  /** The client does not answer. */
  readonly onUnanswered: () => void
}

export class Traffic {
  readonly #options: TrafficOptions
  readonly #topicIds: TopicIds
  readonly #uplink: Uplink
  readonly #downlink: Downlink
  #hasWarned = false

  constructor(options: TrafficOptions) {
    this.#options = options
    const { random, predefined, settings, gate } = options
    // The first id is drawn by lot, so that whoever names one has heard it.
    const topicIds = new TopicIds(predefined, 1 + Math.floor(random() * LAST_ID), settings.topicIds)
    this.#topicIds = topicIds
    this.#uplink = new Uplink({ ...options, topicIds, packetBytes: gate.packetBytes })
    this.#downlink = new Downlink({
      ...options,
      topicIds,
      drop: (reason, topic) => this.#drop(reason, topic),
    })
  }

  /** Whether the client has all that came for it. */
  get isEmpty(): boolean {
    return this.#downlink.isEmpty
  }

  /** Messages go to the client, from where they stood still. */
  open(): void {
    this.#downlink.open()
  }

  /** Messages for the client wait. */
  close(): void {
    this.#downlink.close()
  }

  /** The client has connected anew: it knows no topic id any more, and messages wait. */
  restart(): void {
    this.#downlink.close()
    this.#topicIds.clear()
  }

  /** Returns `false` for a message that a client may not send. */
  fromClient(message: Message): boolean {
    switch (message.type) {
      case 'publish':
        this.#uplink.publish(message)
        return true
      case 'pubrel':
        this.#uplink.pubrel(message)
        return true
      case 'register':
        this.#uplink.register(message)
        return true
      case 'subscribe':
        this.#uplink.subscribe(message)
        return true
      case 'unsubscribe':
        this.#uplink.unsubscribe(message)
        return true
      case 'regack':
        this.#downlink.regack(message)
        return true
      case 'puback':
        this.#downlink.puback(message)
        return true
      case 'pubrec':
        this.#downlink.pubrec(message)
        return true
      case 'pubcomp':
        this.#downlink.pubcomp(message)
        return true
      default:
        return false
    }
  }

  fromBroker(packet: Packet): void {
    switch (packet.type) {
      case 'publish':
        return this.#downlink.publish(packet)
      case 'pubrel':
        return this.#downlink.release(packet.packetId)
      case 'puback':
      case 'pubrec':
        return this.#uplink.acknowledged(packet.type, packet.packetId, packet.reasonCode)
      case 'pubcomp':
        return this.#uplink.completed(packet.packetId)
      case 'suback':
        return this.#uplink.subscribed(packet.packetId, packet.reasonCodes[0]!)
      case 'unsuback':
        return this.#uplink.unsubscribed(packet.packetId)
      default: // DISCONNECT is followed by the end of the line.
    }
  }

  #drop(reason: GuestDrop, topic: string): void {
    const { gate, log, clientId } = this.#options
    gate.drop(reason)
    if (this.#hasWarned || reason === 'slow') return
    this.#hasWarned = true
    log.warn(
      { client: clientId },
      `MQTT-SN: client "${printable(clientId)}" does not get a message on "${printable(topic)}": ` +
        `${WHY_DROPPED[reason]} Further ones are counted.`,
    )
  }
}

const WHY_DROPPED = {
  'too-large': 'it is longer than messageSize.',
  'no-topic-id': 'the client takes no topic id for it, or has as many as it may.',
} as const
