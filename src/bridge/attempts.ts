// When a bridge connects, whatever its protocol: it tries its addresses in turn, and tries them again after a
// pause that grows by chance. No attempt begins once the bridge is told to stop.

import type { Clock } from '../base/clock.ts'
import { messageOf } from '../base/printable.ts'
import type { BridgeStatus } from '../model/bridge.ts'
import type { Condition } from './condition.ts'
import { Backoff } from './link/backoff.ts'
import type { LinkSettings } from './settings.ts'

export interface AttemptsOptions {
  readonly settings: Pick<LinkSettings, 'addresses' | 'prefer' | 'reconnect'>
  readonly clock: Clock
  readonly condition: Condition
  /**
   * Connects to an address; the signal ends the attempt. Throws an error with the rest of a sentence that begins
   * with the address.
   */
  readonly open: (address: string, signal: AbortSignal) => Promise<void>
}

export class Attempts {
  readonly #options: AttemptsOptions
  readonly #backoff: Backoff
  readonly #stopping = new AbortController()
  #addressAt = 0
  #version: BridgeStatus['version'] = null
  /** By the steady clock; `null` while there is no connection. */
  #connectedAt: number | null = null
  #underWay: Promise<void> = Promise.resolve()
  #cancelPause = (): void => {}

  constructor(options: AttemptsOptions) {
    this.#options = options
    this.#backoff = new Backoff(options.settings.reconnect)
  }

  /** The address that was last tried. */
  get address(): string {
    const { addresses } = this.#options.settings
    return addresses[this.#addressAt % addresses.length]!
  }

  get isStopping(): boolean {
    return this.#stopping.signal.aborted
  }

  /** What a status says, except how far the bridge is behind. */
  get parts(): Omit<BridgeStatus, 'behind'> {
    return { ...this.#options.condition.parts, address: this.address, version: this.#version }
  }

  /** Tries each address once, until one of them accepts the connection. */
  begin(): void {
    this.#underWay = this.#tryEach()
  }

  /** The far side has accepted the connection. */
  connected(protocol: 'MQTT' | 'AMQP', version: NonNullable<BridgeStatus['version']>): void {
    const { clock, condition } = this.#options
    this.#version = version
    this.#connectedAt = clock.steady()
    condition.connected(`${this.address} (${protocol} ${version})`)
  }

  /** The connection is gone. `why` is the rest of a sentence that begins with the address. */
  ended(why: string): void {
    this.#wait(`${this.address}: ${why}.`)
  }

  /** Resolves when there is neither an attempt nor a connection. `close` closes the connection, if there is one. */
  async stop(close: () => Promise<void>): Promise<void> {
    this.#stopping.abort(new Error('the hub is stopping'))
    this.#cancelPause()
    await close()
    // An attempt that cannot be ended may still make a connection.
    await this.#underWay
    await close()
    this.#options.condition.set('stopped', null)
  }

  async #tryEach(): Promise<void> {
    const { settings, open } = this.#options
    const { addresses, prefer } = settings
    if (prefer === 'first') this.#addressAt = 0
    let reason = ''
    for (let tried = 0; tried < addresses.length && !this.isStopping; tried++) {
      try {
        return await open(this.address, this.#stopping.signal)
      } catch (error) {
        reason = `${this.address}: ${messageOf(error)}.`
        this.#addressAt++
      }
    }
    this.#wait(reason)
  }

  #wait(reason: string): void {
    if (this.isStopping) return
    const { clock, condition } = this.#options
    const pauseMs = this.#backoff.next(this.#connectedAt === null ? 0 : clock.steady() - this.#connectedAt)
    this.#connectedAt = null
    condition.waits(reason, pauseMs)
    this.#cancelPause()
    this.#cancelPause = clock.after(pauseMs, () => this.begin())
  }
}
