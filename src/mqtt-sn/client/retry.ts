// Sends a message again until it is answered: after T_retry, N_retry times (6.13). One message at a time.

import type { Clock } from '../../base/clock.ts'
import type { SnSettings } from '../settings.ts'

export class Retry {
  readonly #clock: Clock
  readonly #settings: Pick<SnSettings, 'retryAfter' | 'retries'>
  #cancel: (() => void) | undefined

  constructor(clock: Clock, settings: Pick<SnSettings, 'retryAfter' | 'retries'>) {
    this.#clock = clock
    this.#settings = settings
  }

  /** Begins to wait for the answer to what has just been sent, in place of the one before. */
  start(again: () => void, giveUp: () => void): void {
    this.stop()
    const { retryAfter, retries } = this.#settings
    let left = retries
    const wait = (): void => {
      this.#cancel = this.#clock.after(retryAfter, () => {
        if (left-- === 0) return giveUp()
        again()
        wait()
      })
    }
    wait()
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }
}
