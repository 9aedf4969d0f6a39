// `$SYS`, in Mosquitto's names, so that what people have built for it goes on working. Values are retained in
// memory only, and sent when they have changed.

import type { Clock } from '../../base/clock.ts'
import type { Counters } from '../bounds/counters.ts'
import type { Delivery } from '../delivery/delivery.ts'
import type { Publisher } from '../delivery/publisher.ts'
import { LiveMessage } from '../message/live-message.ts'
import { messageFrom } from '../message/message.ts'
import type { RetainedMessages } from '../routing/retained.ts'
import type { Routes } from '../routing/routing.ts'
import type { Output } from '../socket/output.ts'
import type { Sessions } from './sessions.ts'

const EVERY_MS = 10_000
/** The averages are over these lengths, as in Mosquitto. */
const AVERAGES = { '1min': 60_000, '5min': 300_000, '15min': 900_000 } as const

export interface SystemTopicsOptions {
  readonly clock: Clock
  readonly counters: Counters
  readonly delivery: Delivery
  readonly output: Output
  readonly publisher: Publisher
  readonly retained: RetainedMessages
  readonly routes: Routes
  readonly sessions: Sessions
  /** How many clients are connected. */
  readonly connected: () => number
  /** What `$SYS/broker/version` says. */
  readonly version: string
}

export class SystemTopics {
  readonly #options: SystemTopicsOptions
  readonly #told = new Map<string, string>()
  readonly #live = new LiveMessage()
  readonly #averages = new Map<string, number>()
  #before: Record<string, number> = {}
  #startedAt = 0
  #mostMemory = 0
  #cancel: (() => void) | undefined

  constructor(options: SystemTopicsOptions) {
    this.#options = options
  }

  start(): void {
    this.#startedAt = this.#options.clock.now()
    this.#before = loads(this.#options)
    this.#average()
    this.#tellAll()
    this.#arm()
  }

  stop(): void {
    this.#cancel?.()
  }

  #arm(): void {
    this.#cancel = this.#options.clock.after(EVERY_MS, () => {
      this.#options.publisher.forgetExpired()
      this.#average()
      this.#tellAll()
      this.#arm()
    })
  }

  #tellAll(): void {
    const { clock, counters, retained, routes, sessions, version } = this.#options
    const connected = this.#options.connected()
    const memory = residentMemory() ?? this.#mostMemory
    this.#mostMemory = Math.max(this.#mostMemory, memory)
    const waiting = sumOf(sessions, ({ waiting: { size } }) => size)
    this.#tell('version', `vigie version ${version}`)
    this.#tell('uptime', `${Math.floor((clock.now() - this.#startedAt) / 1_000)} seconds`)
    this.#tell('clients/total', sessions.size)
    this.#tell('clients/connected', connected)
    this.#tell('clients/active', connected)
    this.#tell('clients/disconnected', sessions.size - connected)
    this.#tell('clients/inactive', sessions.size - connected)
    this.#tell('clients/maximum', counters.mostClients)
    this.#tell('clients/expired', counters.expiredSessions)
    this.#tell('retained messages/count', retained.size)
    this.#tell('subscriptions/count', routes.subscriptions - routes.sharedSubscriptions)
    this.#tell('shared_subscriptions/count', routes.sharedSubscriptions)
    this.#tell('messages/stored', retained.size + waiting)
    this.#tell('store/messages/count', retained.size + waiting)
    this.#tell('store/messages/bytes', retained.bytes + sumOf(sessions, ({ waiting: { bytes } }) => bytes))
    this.#tell('heap/current', memory)
    this.#tell('heap/maximum', this.#mostMemory)
    for (const [name, value] of Object.entries(totals(this.#options))) this.#tell(name, value)
    for (const [name, value] of this.#averages) this.#tell(`load/${name}`, value.toFixed(2))
  }

  /** Works out the averages per minute, each with more weight on what is recent. */
  #average(): void {
    const now = loads(this.#options)
    for (const [name, value] of Object.entries(now)) {
      const perMinute = ((value - (this.#before[name] ?? 0)) * 60_000) / EVERY_MS
      for (const [length, overMs] of Object.entries(AVERAGES)) {
        const key = `${name}/${length}`
        const weight = Math.exp(-EVERY_MS / overMs)
        this.#averages.set(key, perMinute + weight * ((this.#averages.get(key) ?? 0) - perMinute))
      }
    }
    this.#before = now
  }

  #tell(name: string, value: string | number): void {
    const text = String(value)
    if (this.#told.get(name) === text) return
    this.#told.set(name, text)
    const { clock, delivery, retained, routes } = this.#options
    const topic = `$SYS/broker/${name}`
    const at = clock.now()
    const message = messageFrom({
      topic,
      payload: Buffer.from(text),
      properties: null,
      qos: 0,
      retain: true,
      at,
    })
    retained.set(message, 0)
    this.#live.fill(message, at)
    delivery.deliver(this.#live, routes.of(topic))
  }
}

/**
 * `undefined` where the system cannot open the file that says so, as when connections have taken all
 * descriptors.
 */
function residentMemory(): number | undefined {
  try {
    return process.memoryUsage.rss()
  } catch {
    return undefined
  }
}

const totals = ({ counters, output }: SystemTopicsOptions): Record<string, number> => ({
  'messages/received': counters.packetsReceived,
  'messages/sent': counters.packetsSent,
  'bytes/received': counters.bytesReceived,
  'bytes/sent': output.sentBytes,
  'publish/messages/received': counters.publishesReceived,
  'publish/messages/sent': counters.publishesSent,
  'publish/messages/dropped': counters.droppedInAll,
  'publish/bytes/received': counters.publishBytesReceived,
  'publish/bytes/sent': counters.publishBytesSent,
})

/** The counts that are averaged. Mosquitto leaves `messages` out of some of these names. */
const loads = ({ counters, output }: SystemTopicsOptions): Record<string, number> => ({
  'messages/received': counters.packetsReceived,
  'messages/sent': counters.packetsSent,
  'bytes/received': counters.bytesReceived,
  'bytes/sent': output.sentBytes,
  'publish/received': counters.publishesReceived,
  'publish/sent': counters.publishesSent,
  'publish/dropped': counters.droppedInAll,
  connections: counters.connects + counters.refusedConnects,
  sockets: counters.sockets,
})

function sumOf<T>(all: Iterable<T>, of: (one: T) => number): number {
  let sum = 0
  for (const one of all) sum += of(one)
  return sum
}
