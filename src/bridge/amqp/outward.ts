// What goes to exchanges: read from the journal behind the same cursor as for an MQTT bridge, and behind it
// when the broker has confirmed it. So what is not confirmed in a crash or a cut is published again, at least
// once; it has the same message id then.

import type { Clock } from '../../base/clock.ts'
import type { BridgeDrop } from '../../model/bridge.ts'
import type { BridgedEvent } from '../../model/queries.ts'
import { Reading, type ReadingPorts } from '../flow/reading.ts'
import type { AmqpLink } from './link.ts'
import { type Draft, outgoing, type OutgoingPorts } from './messages.ts'

/** The next page is fetched when so few messages of the last one are left. */
const LOW_WATER = 128

export interface AmqpOutwardPorts extends OutgoingPorts, Omit<ReadingPorts, 'bridge' | 'failed'> {
  readonly clock: Clock
  readonly window: number
  readonly dropped: (reason: BridgeDrop, topic: string, detail?: string) => void
  readonly sent: () => void
  readonly failed: (error: unknown) => void
}

interface Item {
  readonly event: number
  readonly topic: string
  readonly draft: Draft
}

export class AmqpOutward {
  readonly #ports: AmqpOutwardPorts
  readonly #reading: Reading
  #link: AmqpLink | null = null
  /** Waiting to be sent, oldest first. */
  #queue: Item[] = []
  /** Published and not confirmed, by message id, in the order of sending. */
  readonly #underWay = new Map<string, Item>()

  constructor(ports: AmqpOutwardPorts) {
    this.#ports = ports
    this.#reading = new Reading({ ...ports, bridge: ports.name })
  }

  get acknowledgedUpTo(): number {
    return this.#reading.acknowledgedUpTo
  }

  connected(link: AmqpLink): void {
    this.#link = link
    this.#queue = [...this.#underWay.values(), ...this.#queue]
    this.#underWay.clear()
    this.#pump()
  }

  disconnected(): void {
    this.#link = null
  }

  committed(): void {
    this.#reading.committed()
    this.#pump()
  }

  room(): void {
    this.#pump()
  }

  /** No queue is bound for a message. Its confirm follows. */
  returned(messageId: string): void {
    const item = this.#underWay.get(messageId)
    if (item !== undefined) this.#ports.dropped('unrouted', item.topic, item.draft.exchange)
  }

  #pump(): void {
    const link = this.#link
    if (link !== null) this.#sendAll(link)
    const isEnough = this.#queue.length > LOW_WATER || (link === null && this.#queue.length > 0)
    if (isEnough) return
    void this.#reading.next((events) => this.#take(events)).then((isMore) => isMore && this.#pump())
  }

  #sendAll(link: AmqpLink): void {
    while (link.hasRoom && this.#queue.length > 0 && this.#underWay.size < this.#ports.window)
      this.#send(link, this.#queue.shift()!)
  }

  #send(link: AmqpLink, item: Item): void {
    const { exchange, key, content, options } = item.draft
    const messageId = String(options.messageId)
    this.#underWay.set(messageId, item)
    link.publish(exchange, key, content, options, (error) => {
      // The broker could not store it: it is published again on the next connection.
      if (error !== null && error !== undefined) return link.cut('it could not keep a message')
      if (!this.#underWay.delete(messageId)) return
      this.#ports.sent()
      this.#reading.acknowledged(item.event)
      this.#pump()
    })
  }

  #take(events: readonly BridgedEvent[]): readonly number[] {
    const now = this.#ports.clock.now()
    const items: Item[] = []
    for (const event of events) {
      const made = outgoing(event, this.#ports, now)
      if (made === null) continue
      if ('draft' in made) items.push({ event: event.id, topic: event.topic, draft: made.draft })
      else {
        this.#ports.dropped(made.drop, event.topic)
        this.#reading.leftOut()
      }
    }
    this.#queue.push(...items)
    return items.map(({ event }) => event)
  }
}
