// One bridge: it connects to the far side, sends what goes out, takes what comes in, and says how it is.
//
//   connecting ──▶ connected ──▶ waiting ──▶ connecting   after a pause that grows by chance
//                      │            ▲
//                      ▼            │ something to send
//                    idle ──────────┘                     on demand only

import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { printable } from '../base/printable.ts'
import type { BridgeChange, BridgeStatus, StoredBridge } from '../model/bridge.ts'
import type { QoS } from '../model/event.ts'
import type { ConnackPacket } from '../mqtt/connack.ts'
import type { Packet } from '../mqtt/packet.ts'
import { reasonName } from '../mqtt/reason-codes.ts'
import type { Hides } from '../topics/hidden.ts'
import { Condition } from './condition.ts'
import { Inward, type InwardPorts } from './flow/inward.ts'
import { Outward, type OutwardPorts } from './flow/outward.ts'
import { mostQos, termsOf } from './flow/terms.ts'
import { Backoff } from './link/backoff.ts'
import { DialError } from './link/dial.ts'
import { shakeHands } from './link/handshake.ts'
import type { Link, LinkHandlers } from './link/link.ts'
import { connectPacket, offersFor } from './link/offers.ts'
import { statusPacket } from './link/status-packet.ts'
import { Subscribing } from './link/subscribing.ts'
import { Mapping } from './messages/mapping.ts'
import type { BridgeSettings } from './settings.ts'

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
  readonly #condition: Condition
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
  #version: BridgeStatus['version'] = null

  constructor(settings: BridgeSettings, ports: BridgePorts) {
    this.settings = settings
    this.#ports = ports
    this.#condition = new Condition({ ...ports, name: settings.name })
    this.#mapping = new Mapping(settings.topics, ports.hides)
    this.#subscribed = ports.stored.subscribed
    this.#backoff = new Backoff(settings.reconnect)
    const { clock, hubId, stored, append, committedId } = ports
    const condition = this.#condition
    const dropped = condition.drop.bind(condition)
    const both = { hubId, mapping: this.#mapping, stored, append, committedId, dropped }
    this.#outward = new Outward({
      ...both,
      settings,
      clock,
      page: ports.page,
      owedRetained: ports.owedRetained,
      eventsOf: ports.eventsOf,
      sent: () => condition.sent++,
      lost: (count) => condition.lose(count),
      failed: (error) => this.#link?.cut(error instanceof Error ? error.message : String(error)),
      wanted: () => this.#wanted(),
    })
    this.#inward = new Inward({
      ...both,
      name: settings.name,
      publish: ports.publish,
      received: () => condition.received++,
    })
  }

  get status(): BridgeStatus {
    return {
      ...this.#condition.parts,
      address: this.#address,
      version: this.#version,
      behind: Math.max(0, this.#ports.lastEventId() - this.#outward.acknowledgedUpTo),
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
    this.#condition.lose(count)
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

  #welcome(link: Link, connack: ConnackPacket): LinkHandlers {
    const { sessionPresent, properties = {} } = connack
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
    this.#condition.connected(`${this.#address} (MQTT ${this.#version})`)
    this.#inward.connected(link, isAnew)
    subscribing.send(link)
    const { status } = this.settings
    if (status !== undefined) link.send(statusPacket(status, '1'))
    this.#outward.connected(termsOf(link, connack, this.settings, hubId), mark)
    this.#watchIdle()
    return handlers
  }

  #subscribing(isAnew: boolean): Subscribing {
    const { group, name } = this.settings
    const filters = [...this.#mapping.inFilters]
    const share = (filter: string): string => (group === undefined ? filter : `$share/${group}/${filter}`)
    return new Subscribing(
      {
        wanted: new Map(
          filters.map(([filter, qos]) => [share(filter), Math.min(qos, mostQos(this.settings)) as QoS]),
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
          this.#condition.set(
            'connected',
            `${this.#address} refuses the subscription to "${filter}" (${reason}).`,
          )
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
    if (this.#stopping.signal.aborted) return this.#condition.set('stopped', null)
    if (this.#condition.state === 'idle') {
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
    this.#condition.waits(reason, pauseMs)
    this.#cancelPause = this.#ports.clock.after(pauseMs, () => void this.#connect())
  }

  /** On demand, the connection ends when there was nothing to send for so long. */
  #watchIdle(): void {
    const { onDemand } = this.settings
    if (onDemand === undefined) return
    this.#cancelIdle()
    this.#cancelIdle = this.#ports.clock.after(onDemand, () => {
      if (!this.#outward.isIdle) return this.#watchIdle()
      this.#condition.set('idle', null)
      void this.#leave()
      return undefined
    })
  }

  /** Something is to be sent while there is no connection. */
  #wanted(): void {
    if (this.#condition.state !== 'idle' || this.#link !== null) return
    this.#condition.set('connecting', null)
    void this.#connect()
  }

  async #leave(): Promise<void> {
    const { status } = this.settings
    if (status !== undefined) this.#link?.send(statusPacket(status, '0'))
    await this.#link?.close()
  }
}

const unexpected = (error: unknown): string => (error instanceof Error ? error.message : String(error))
