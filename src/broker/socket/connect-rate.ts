// How often one address may connect: a bucket of attempts per address that fills up again with time.
// Addresses of this machine are not counted: who is on it can do worse.

import type { Clock } from '../../base/clock.ts'

/** Addresses remembered; beyond that, the one that is quiet for the longest is forgotten. */
const MOST_ADDRESSES = 10_000
/**
 * An address that was quiet may make this many seconds' worth of connects at once: a site behind one router
 * comes back whole.
 */
const BURST_SECONDS = 10

interface Bucket {
  left: number
  countedAt: number
}

export class ConnectRate {
  readonly #clock: Clock
  readonly #perSecond: number
  /** The buckets by address; the address that was quiet for the longest comes first. */
  readonly #buckets = new Map<string, Bucket>()

  /** @param perSecond connects a second of one address; 0 for no limit */
  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock
    this.#perSecond = perSecond
  }

  /** Counts one attempt. Returns whether it is within the rate. */
  take(address: string): boolean {
    if (this.#perSecond === 0 || isThisMachine(address)) return true
    const now = this.#clock.steady()
    const full = this.#perSecond * BURST_SECONDS
    const { left, countedAt } = this.#buckets.get(address) ?? { left: full, countedAt: now }
    const filled = Math.min(full, left + ((now - countedAt) / 1_000) * this.#perSecond)
    const isWithin = filled >= 1
    this.#buckets.delete(address)
    this.#buckets.set(address, { left: isWithin ? filled - 1 : filled, countedAt: now })
    if (this.#buckets.size > MOST_ADDRESSES) this.#forgetQuietest()
    return isWithin
  }

  #forgetQuietest(): void {
    for (const address of this.#buckets.keys()) {
      this.#buckets.delete(address)
      return
    }
  }
}

const isThisMachine = (address: string): boolean =>
  address === '::1' || /^(?:::ffff:)?127\./.test(address) || address.startsWith('/')
