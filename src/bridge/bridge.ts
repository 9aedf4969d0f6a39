// One bridge: it connects to the far side, sends what goes out, takes what comes in, and says how it is.
//
//   connecting ──▶ connected ──▶ waiting ──▶ connecting   after a pause that grows by chance
//                      │            ▲
//                      ▼            │ something to send
//                    idle ──────────┘                     on demand only

import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { messageOf, printable } from '../base/printable.ts'
import type { BridgeChange, BridgeStatus, StoredBridge } from '../model/bridge.ts'
import type { QoS } from '../model/event.ts'
import type { ConnackPacket } from '../mqtt/connack.ts'
import type { Packet } from '../mqtt/packet.ts'
import { reasonName } from '../mqtt/reason-codes.ts'
import type { Hides } from '../topics/hidden.ts'
import { Attempts } from './attempts.ts'
import type { Condition } from './condition.ts'
import { Inward, type InwardPorts } from './flow/inward.ts'
import { Outward, type OutwardPorts } from './flow/outward.ts'
import { mostQos, termsOf } from './flow/terms.ts'
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
  readonly condition: Condition
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
}

export class Bridge {
  readonly settings: BridgeSettings
  readonly #ports: BridgePorts
  readonly #attempts: Attempts
  readonly #mapping: Mapping
  readonly #outward: Outward
  readonly #inward: Inward
  #link: Link | null = null
  #subscribed: readonly string[]
  #cancelIdle = (): void => {}

  constructor(settings: BridgeSettings, ports: BridgePorts) {
    this.settings = settings
    this.#ports = ports
    this.#mapping = new Mapping(settings.topics, ports.hides)
    this.#subscribed = ports.stored.subscribed
    const { clock, condition, hubId, stored, append, committedId } = ports
    this.#attempts = new Attempts({ settings, clock, condition, open: this.#open.bind(this) })
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
      failed: (error) => this.#link?.cut(messageOf(error)),
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
      ...this.#attempts.parts,
      behind: Math.max(0, this.#ports.lastEventId() - this.#outward.acknowledgedUpTo),
    }
  }

  start(): void {
    this.#attempts.begin()
  }

  /** Says goodbye to the far side. */
  stop(): Promise<void> {
    return this.#attempts.stop(() => this.#leave())
  }

  /** Something was committed. */
  committed(): void {
    this.#inward.committed()
    this.#outward.committed()
  }

  async #open(address: string, signal: AbortSignal): Promise<void> {
    const { settings } = this
    const { tls, version, group } = settings
    await shakeHands({
      address,
      tls,
      offers: offersFor(version, group === undefined),
      connect: (offer) => connectPacket(offer, settings, this.#ports.hubId),
      clock: this.#ports.clock,
      signal,
      welcome: (link, connack) => this.#welcome(link, connack),
    })
  }

  #welcome(link: Link, connack: ConnackPacket): LinkHandlers {
    const { sessionPresent, properties = {} } = connack
    const { echoProblem, append, hubId } = this.#ports
    const handlers: LinkHandlers = {
      packet: (packet) => this.#take(packet, subscribing),
      room: () => this.#outward.room(),
      ended: (why) => this.#ended(why),
    }
    this.#link = link
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
    this.#attempts.connected('MQTT', link.version === 5 ? '5.0' : '3.1.1')
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
            `The bridge "${name}" gets nothing under "${printable(filter)}": ${this.#attempts.address} refuses the ` +
              `subscription (${reason}).`,
          )
          this.#ports.condition.set(
            'connected',
            `${this.#attempts.address} refuses the subscription to "${filter}" (${reason}).`,
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
    if (!this.#attempts.isStopping && this.#ports.condition.state === 'idle') {
      // Something may have come while the connection was being closed.
      if (this.#outward.hasWork) this.#wanted()
      return
    }
    this.#attempts.ended(why)
  }

  /** On demand, the connection ends when there was nothing to send for so long. */
  #watchIdle(): void {
    const { onDemand } = this.settings
    if (onDemand === undefined) return
    this.#cancelIdle()
    this.#cancelIdle = this.#ports.clock.after(onDemand, () => {
      if (!this.#outward.isIdle) return this.#watchIdle()
      this.#ports.condition.set('idle', null)
      void this.#leave()
      return undefined
    })
  }

  /** Something is to be sent while there is no connection. */
  #wanted(): void {
    if (this.#ports.condition.state !== 'idle' || this.#link !== null) return
    this.#ports.condition.set('connecting', null)
    this.#attempts.begin()
  }

  async #leave(): Promise<void> {
    const { status } = this.settings
    if (status !== undefined) this.#link?.send(statusPacket(status, '0'))
    await this.#link?.close()
  }
}
