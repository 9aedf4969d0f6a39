// One bridge to an AMQP 0-9-1 broker: it connects, publishes to exchanges, consumes from queues, and says how it
// is. Its states are those of an MQTT bridge (`bridge.ts`).

import type { BridgeStatus } from '../../model/bridge.ts'
import type { BridgePorts } from '../bridge.ts'
import { Condition } from '../condition.ts'
import { Backoff } from '../link/backoff.ts'
import { AmqpInward } from './inward.ts'
import { type AmqpLink, openAmqp } from './link.ts'
import { AmqpOutward } from './outward.ts'
import type { AmqpSettings } from './settings.ts'

const PROTOCOL = 'AMQP 0-9-1'

export class AmqpBridge {
  readonly settings: AmqpSettings
  readonly #ports: BridgePorts
  readonly #condition: Condition
  readonly #outward: AmqpOutward
  readonly #inward: AmqpInward
  readonly #backoff: Backoff
  #link: AmqpLink | null = null
  #addressAt = 0
  #connectedAt = 0
  #version: BridgeStatus['version'] = null
  #isStopping = false
  #attempt: Promise<void> = Promise.resolve()
  #cancelPause = (): void => {}

  constructor(settings: AmqpSettings, ports: BridgePorts) {
    const { name } = settings
    this.settings = settings
    this.#ports = ports
    this.#condition = new Condition({ ...ports, name })
    this.#backoff = new Backoff(settings.reconnect)
    const condition = this.#condition
    const dropped = condition.drop.bind(condition)
    this.#outward = new AmqpOutward({
      ...ports,
      ...settings,
      hides: ports.hides.out,
      acknowledgedUpTo: ports.stored.acknowledgedUpTo,
      dropped,
      sent: () => condition.sent++,
      lost: (count) => condition.lose(count),
      failed: (error) => this.#link?.cut(error instanceof Error ? error.message : String(error)),
    })
    this.#inward = new AmqpInward({
      ...ports,
      ...settings,
      hides: ports.hides.in,
      dropped,
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
    this.#attempt = this.#connect()
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    this.#cancelPause()
    await this.#link?.close()
    await this.#attempt
    await this.#link?.close()
    this.#condition.set('stopped', null)
  }

  /** Something was committed. */
  committed(): void {
    this.#inward.committed()
    this.#outward.committed()
  }

  tellLost(count: number): void {
    this.#condition.lose(count)
  }

  get #address(): string {
    const { addresses } = this.settings
    return addresses[this.#addressAt % addresses.length]!
  }

  async #connect(): Promise<void> {
    const { addresses, prefer } = this.settings
    if (prefer === 'first') this.#addressAt = 0
    let reason = ''
    for (let tried = 0; tried < addresses.length && !this.#isStopping; tried++) {
      try {
        await this.#open()
        return
      } catch (error) {
        reason = `${this.#address}: ${error instanceof Error ? error.message : String(error)}.`
        this.#addressAt++
      }
    }
    this.#wait(reason)
  }

  async #open(): Promise<void> {
    const { settings } = this
    await openAmqp(
      {
        ...settings,
        address: this.#address,
        user: settings.user,
        password: settings.password?.(),
        tls: settings.tls,
        queues: settings.in.map(({ queue }) => queue),
        exchanges: [...new Set(settings.out.map(({ exchange }) => exchange))],
        received: (queue, message) => this.#inward.take(queue, message),
        returned: (messageId) => this.#outward.returned(messageId),
        room: () => this.#outward.room(),
        ended: (why) => this.#ended(why),
      },
      (link) => {
        this.#link = link
        this.#version = '0-9-1'
        this.#connectedAt = this.#ports.clock.steady()
        this.#condition.connected(`${this.#address} (${PROTOCOL})`)
        this.#inward.connected(link)
        this.#outward.connected(link)
      },
    )
  }

  #ended(why: string): void {
    this.#link = null
    this.#inward.disconnected()
    this.#outward.disconnected()
    if (!this.#isStopping) this.#wait(`${this.#address}: ${why}.`)
  }

  #wait(reason: string): void {
    if (this.#isStopping) return
    const { clock } = this.#ports
    const pauseMs = this.#backoff.next(this.#connectedAt === 0 ? 0 : clock.steady() - this.#connectedAt)
    this.#connectedAt = 0
    this.#condition.waits(reason, pauseMs)
    this.#cancelPause()
    this.#cancelPause = clock.after(pauseMs, () => this.start())
  }
}
