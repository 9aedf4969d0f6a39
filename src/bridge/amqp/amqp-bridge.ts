// One bridge to an AMQP 0-9-1 broker: it connects, publishes to exchanges, consumes from queues, and says how it
// is. Its states are those of an MQTT bridge (`bridge.ts`).

import { messageOf } from '../../base/printable.ts'
import type { BridgeStatus } from '../../model/bridge.ts'
import { Attempts } from '../attempts.ts'
import type { BridgePorts } from '../bridge.ts'
import { AmqpInward } from './inward.ts'
import { type AmqpLink, openAmqp } from './link.ts'
import { AmqpOutward } from './outward.ts'
import type { AmqpSettings } from './settings.ts'

export class AmqpBridge {
  readonly settings: AmqpSettings
  readonly #ports: BridgePorts
  readonly #attempts: Attempts
  readonly #outward: AmqpOutward
  readonly #inward: AmqpInward
  #link: AmqpLink | null = null

  constructor(settings: AmqpSettings, ports: BridgePorts) {
    const { clock, condition } = ports
    this.settings = settings
    this.#ports = ports
    this.#attempts = new Attempts({ settings, clock, condition, open: (address) => this.#open(address) })
    const dropped = condition.drop.bind(condition)
    this.#outward = new AmqpOutward({
      ...ports,
      ...settings,
      hides: ports.hides.out,
      acknowledgedUpTo: ports.stored.acknowledgedUpTo,
      dropped,
      sent: () => condition.sent++,
      lost: (count) => condition.lose(count),
      failed: (error) => this.#link?.cut(messageOf(error)),
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
      ...this.#attempts.parts,
      behind: Math.max(0, this.#ports.lastEventId() - this.#outward.acknowledgedUpTo),
    }
  }

  start(): void {
    this.#attempts.begin()
  }

  stop(): Promise<void> {
    return this.#attempts.stop(async () => this.#link?.close())
  }

  /** Something was committed. */
  committed(): void {
    this.#inward.committed()
    this.#outward.committed()
  }

  async #open(address: string): Promise<void> {
    const { settings } = this
    await openAmqp(
      {
        ...settings,
        address,
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
        this.#attempts.connected('AMQP', '0-9-1')
        this.#inward.connected(link)
        this.#outward.connected(link)
      },
    )
  }

  #ended(why: string): void {
    this.#link = null
    this.#inward.disconnected()
    this.#outward.disconnected()
    this.#attempts.ended(why)
  }
}
