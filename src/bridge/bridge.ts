// One bridge: it connects to the far side, sends what goes out, takes what comes in, and says how it is.
//
//   connecting ──▶ connected ──▶ waiting ──▶ connecting   after a pause that grows by chance
//                      │            ▲
//                      ▼            │ something to send
//                    idle ──────────┘                     on demand only

import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { printable } from '../base/printable.ts'
import { formatDuration } from '../base/quantities.ts'
import {
  BRIDGE_DROPS,
  type BridgeChange,
  type BridgeDrop,
  type BridgeState,
  type BridgeStatus,
  HUB_PROPERTY,
  type StoredBridge,
} from '../model/bridge.ts'
import type { QoS } from '../model/event.ts'
import type { ConnackPacket } from '../mqtt/connack.ts'
import { LARGEST_PACKET } from '../mqtt/fixed-header.ts'
import type { Packet } from '../mqtt/packet.ts'
import { reasonName } from '../mqtt/reason-codes.ts'
import type { Hides } from '../topics/hidden.ts'
import { Inward, type InwardPorts } from './flow/inward.ts'
import { Outward, type OutwardPorts } from './flow/outward.ts'
import { Backoff } from './link/backoff.ts'
import { DialError } from './link/dial.ts'
import { shakeHands } from './link/handshake.ts'
import type { Link, LinkHandlers } from './link/link.ts'
import { connectPacket, offersFor } from './link/offers.ts'
import { Subscribing } from './link/subscribing.ts'
import { Mapping } from './messages/mapping.ts'
import type { BridgeSettings } from './settings.ts'

/** How often the log repeats that messages are not passed on for the same reason. */
const DROPS_SAID_MS = 60_000

export interface BridgePorts {
  readonly clock: Clock
  readonly log: Log
  readonly hubId: string
  /** See `Mapping`. */
  readonly hides: { readonly out: Hides; readonly in: Hides }
  readonly stored: StoredBridge
  readonly append: (change: BridgeChange) => number
  readonly committedId: () => number
  readonly lastEventId: () => number
  readonly page: OutwardPorts['page']
  readonly owedRetained: OutwardPorts['owedRetained']
  readonly eventsOf: OutwardPorts['eventsOf']
  readonly publish: InwardPorts['publish']
  /** Why these topics cannot go over 3.1.1; `undefined` when they can. */
  readonly echoProblem: string | undefined
  /** Called when the state has changed. */
  readonly changed: () => void
}

export class Bridge {
  readonly settings: BridgeSettings
  readonly #ports: BridgePorts
  readonly #mapping: Mapping
  readonly #outward: Outward
  readonly #inward: Inward
  readonly #backoff: Backoff
  readonly #stopping = new AbortController()
  #link: Link | null = null
  #subscribed: readonly string[]
  #addressAt = 0
  #connectedAt = 0
  #cancelPause = (): void => {}
  #cancelIdle = (): void => {}
  #state: BridgeState = 'connecting'
  #since: number
  #reason: string | null = null
  #version: BridgeStatus['version'] = null
  #sent = 0
  #received = 0
  #lost = 0
  readonly #dropped = Object.fromEntries(BRIDGE_DROPS.map((reason) => [reason, 0])) as Record<
    BridgeDrop,
    number
  >
  readonly #saidAt = new Map<BridgeDrop, number>()

  constructor(settings: BridgeSettings, ports: BridgePorts) {
    this.settings = settings
    this.#ports = ports
    this.#since = ports.clock.now()
    this.#mapping = new Mapping(settings.topics, ports.hides)
    this.#subscribed = ports.stored.subscribed
    this.#backoff = new Backoff(settings.reconnect)
    const { clock, hubId, stored, append, committedId } = ports
    const dropped = (reason: BridgeDrop, topic: string, detail?: string): void =>
      this.#drop(reason, topic, detail)
    const both = { hubId, mapping: this.#mapping, stored, append, committedId, dropped }
    this.#outward = new Outward({
      ...both,
      settings,
      clock,
      page: ports.page,
      owedRetained: ports.owedRetained,
      eventsOf: ports.eventsOf,
      sent: () => this.#sent++,
      lost: (count) => this.#lose(count),
      failed: (error) => this.#link?.cut(error instanceof Error ? error.message : String(error)),
      wanted: () => this.#wanted(),
    })
    this.#inward = new Inward({
      ...both,
      name: settings.name,
      publish: ports.publish,
      received: () => this.#received++,
    })
  }

  get status(): BridgeStatus {
    return {
      name: this.settings.name,
      state: this.#state,
      since: this.#since,
      address: this.#address,
      version: this.#version,
      reason: this.#reason,
      sent: this.#sent,
      received: this.#received,
      behind: Math.max(0, this.#ports.lastEventId() - this.#outward.acknowledgedUpTo),
      lost: this.#lost,
      dropped: { ...this.#dropped },
    }
  }

  start(): void {
    void this.#connect()
  }

  /** Says goodbye to the far side. */
  async stop(): Promise<void> {
    this.#cancelPause()
    this.#stopping.abort(new Error('the hub is stopping'))
    await this.#leave()
  }

  /** Something was committed. */
  committed(): void {
    this.#inward.committed()
    this.#outward.committed()
  }

  /** Learns how many messages have been lost, while nobody asks for pages. */
  tellLost(count: number): void {
    this.#lose(count)
  }

  get #address(): string {
    const { addresses } = this.settings
    return addresses[this.#addressAt % addresses.length]!
  }

  async #connect(): Promise<void> {
    const { settings } = this
    const { addresses, prefer, tls, version, group } = settings
    if (prefer === 'first') this.#addressAt = 0
    let reason = ''
    for (let tried = 0; tried < addresses.length; tried++) {
      try {
        await shakeHands({
          address: this.#address,
          tls,
          offers: offersFor(version, group === undefined),
          connect: (offer) => connectPacket(offer, settings, this.#ports.hubId),
          clock: this.#ports.clock,
          signal: this.#stopping.signal,
          welcome: (link, connack) => this.#welcome(link, connack),
        })
        return
      } catch (error) {
        if (this.#stopping.signal.aborted) return
        const why = error instanceof DialError ? error.message : unexpected(error)
        reason = `${this.#address}: ${why}.`
        this.#addressAt++
      }
    }
    this.#wait(reason)
  }

  #welcome(link: Link, { sessionPresent, properties = {} }: ConnackPacket): LinkHandlers {
    const { echoProblem, clock, append, hubId } = this.#ports
    const handlers: LinkHandlers = {
      packet: (packet) => this.#take(packet, subscribing),
      room: () => this.#outward.room(),
      ended: (why) => this.#ended(why),
    }
    this.#version = link.version === 5 ? '5.0' : '3.1.1'
    this.#link = link
    this.#connectedAt = clock.steady()
    const isAnew = !sessionPresent
    const subscribing = this.#subscribing(isAnew)
    if (link.version < 5 && echoProblem !== undefined) {
      void link.close()
      return { ...handlers, ended: () => this.#ended(`it speaks MQTT 3.1.1 only: ${echoProblem}`) }
    }
    const { serverKeepAlive } = properties
    // [MQTT-3.1.2-21]
    link.keepAlive(serverKeepAlive === undefined ? this.settings.keepAlive : serverKeepAlive * 1_000)
    // The far side may have lost with the session what it had retained.
    const isForgotten = isAnew && !this.settings.clean
    const mark = isForgotten ? append({ kind: 'bridge-forgotten', bridge: this.settings.name }) : 0
    this.#set('connected', null)
    this.#ports.log.info(
      { bridge: this.settings.name },
      `The bridge "${this.settings.name}" is connected to ${this.#address} (MQTT ${this.#version}).`,
    )
    this.#inward.connected(link, isAnew)
    subscribing.send(link)
    const { status } = this.settings
    if (status !== undefined) link.send(statusPacket(status, '1'))
    const farHub = properties.userProperties?.find(([name]) => name === HUB_PROPERTY)?.[1]
    this.#outward.connected(
      {
        link,
        sessionPresent,
        // [MQTT-3.3.4-9]
        window: Math.min(this.settings.window, properties.receiveMaximum ?? this.settings.window),
        maximumPacketSize: properties.maximumPacketSize ?? LARGEST_PACKET,
        hubId: farHub === hubId ? undefined : farHub,
        maximumQos: Math.min(this.#brokerQos, properties.maximumQos ?? 2) as QoS, // [MQTT-3.2.2-11]
        retainAvailable: properties.retainAvailable ?? true, // [MQTT-3.2.2-14]
      },
      mark,
    )
    this.#watchIdle()
    return handlers
  }

  /** RabbitMQ has no QoS 2, and says so to nobody. */
  get #brokerQos(): QoS {
    return this.settings.broker === 'rabbitmq' ? 1 : 2
  }

  #subscribing(isAnew: boolean): Subscribing {
    const { group, name } = this.settings
    const filters = [...this.#mapping.inFilters]
    const share = (filter: string): string => (group === undefined ? filter : `$share/${group}/${filter}`)
    return new Subscribing(
      {
        wanted: new Map(
          filters.map(([filter, qos]) => [share(filter), Math.min(qos, this.#brokerQos) as QoS]),
        ),
        isShared: group !== undefined,
        done: (subscriptions) => {
          if (String(subscriptions) === String(this.#subscribed)) return
          this.#subscribed = subscriptions
          this.#ports.append({ kind: 'bridge-subscribed', bridge: name, subscriptions })
        },
        refused: (filter, reason) => {
          this.#ports.log.error(
            { bridge: name },
            `The bridge "${name}" gets nothing under "${printable(filter)}": ${this.#address} refuses the ` +
              `subscription (${reason}).`,
          )
          this.#set('connected', `${this.#address} refuses the subscription to "${filter}" (${reason}).`)
        },
      },
      isAnew ? [] : this.#subscribed,
    )
  }

  #take(packet: Packet, subscribing: Subscribing): void {
    switch (packet.type) {
      case 'publish':
        return this.#inward.take(packet)
      case 'pubrel':
        return this.#inward.release(packet.packetId)
      case 'puback':
      case 'pubrec':
      case 'pubcomp':
        this.#outward.acknowledge(packet)
        return this.#watchIdle()
      case 'suback':
      case 'unsuback':
        return subscribing.take(packet)
      case 'pingresp':
        return
      case 'disconnect':
        return this.#link?.cut(`it closed the connection: ${reasonName(packet.reasonCode)}`)
      default:
        this.#link?.cut(`it sent ${packet.type.toUpperCase()}, which only a client sends`)
    }
  }

  #ended(why: string): void {
    this.#link = null
    this.#cancelIdle()
    this.#outward.disconnected()
    this.#inward.disconnected()
    if (this.#stopping.signal.aborted) return this.#set('stopped', null)
    if (this.#state === 'idle') {
      // Something may have come while the connection was being closed.
      if (this.#outward.hasWork) this.#wanted()
      return
    }
    this.#wait(`${this.#address}: ${why}.`)
  }

  #wait(reason: string): void {
    const lastedMs = this.#connectedAt === 0 ? 0 : this.#ports.clock.steady() - this.#connectedAt
    this.#connectedAt = 0
    const pauseMs = this.#backoff.next(lastedMs)
    if (this.#reason !== reason)
      this.#ports.log.warn(
        { bridge: this.settings.name },
        `The bridge "${this.settings.name}" is not connected: ${reason} Next try in ` +
          `${formatDuration(Math.round(pauseMs))}.`,
      )
    this.#set('waiting', reason)
    this.#cancelPause = this.#ports.clock.after(pauseMs, () => void this.#connect())
  }

  /** On demand, the connection ends when there was nothing to send for so long. */
  #watchIdle(): void {
    const { onDemand } = this.settings
    if (onDemand === undefined) return
    this.#cancelIdle()
    this.#cancelIdle = this.#ports.clock.after(onDemand, () => {
      if (!this.#outward.isIdle) return this.#watchIdle()
      this.#set('idle', null)
      void this.#leave()
      return undefined
    })
  }

  /** Something is to be sent while there is no connection. */
  #wanted(): void {
    if (this.#state !== 'idle' || this.#link !== null) return
    this.#set('connecting', null)
    void this.#connect()
  }

  async #leave(): Promise<void> {
    const { status } = this.settings
    if (status !== undefined) this.#link?.send(statusPacket(status, '0'))
    await this.#link?.close()
  }

  #set(state: BridgeState, reason: string | null): void {
    if (state === this.#state && reason === this.#reason) return
    if (state !== this.#state) this.#since = this.#ports.clock.now()
    this.#state = state
    this.#reason = reason
    this.#ports.changed()
  }

  #lose(count: number): void {
    if (count === this.#lost) return
    this.#lost = count
    this.#ports.changed()
  }

  #drop(reason: BridgeDrop, topic: string, detail?: string): void {
    this.#dropped[reason]++
    if (reason === 'loop') return
    const now = this.#ports.clock.steady()
    if (now - (this.#saidAt.get(reason) ?? -Infinity) < DROPS_SAID_MS) return
    this.#saidAt.set(reason, now)
    this.#ports.log.warn(
      { bridge: this.settings.name, topic },
      `The bridge "${this.settings.name}" does not pass on "${printable(topic, 80)}": ${WORDS[reason]}` +
        `${detail === undefined ? '' : ` (${printable(detail)})`}. It has not passed on ` +
        `${this.#dropped[reason]} of them since the start.`,
    )
  }
}

const WORDS: Readonly<Record<BridgeDrop, string>> = {
  loop: 'the message has been there before',
  refused: 'it is refused',
  expired: 'the message has expired',
  'too-large': 'the message is larger than the other side takes',
  untranslatable: 'the other side cannot have this topic, since it writes some characters in another way',
}

const statusPacket = (topic: string, payload: '0' | '1'): Packet => ({
  type: 'publish',
  topic,
  payload: Buffer.from(payload),
  qos: 0,
  retain: true,
  dup: false,
})

const unexpected = (error: unknown): string => (error instanceof Error ? error.message : String(error))
