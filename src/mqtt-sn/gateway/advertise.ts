// ADVERTISE: says to all who listen at an address that the gateway is there, at its start and then every so
// often (6.1). While the hub cannot keep what it would acknowledge, it is silent.

import type { Clock } from '../../base/clock.ts'
import { encode } from '../messages/codec.ts'
import type { SnSettings } from '../settings.ts'

export interface AdvertiserOptions {
  readonly clock: Clock
  readonly settings: Pick<SnSettings, 'advertise' | 'gatewayId'>
  readonly isUsable: () => boolean
  readonly send: (datagram: Buffer, to: { readonly address: string; readonly port: number }) => void
}

export class Advertiser {
  readonly #options: AdvertiserOptions
  #cancel: (() => void) | undefined

  constructor(options: AdvertiserOptions) {
    this.#options = options
  }

  start(): void {
    const { clock, settings, isUsable, send } = this.#options
    const { advertise, gatewayId } = settings
    if (advertise === undefined) return
    const { to, port, every } = advertise
    if (isUsable())
      send(encode({ type: 'advertise', gatewayId, duration: Math.ceil(every / 1_000) }), {
        address: to,
        port,
      })
    this.#cancel = clock.after(every, () => this.start())
  }

  stop(): void {
    this.#cancel?.()
  }
}
