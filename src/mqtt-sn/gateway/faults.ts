// Datagrams that are no messages: counted, and told in the log at most once a minute, however many come.

import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { printable } from '../../base/printable.ts'

const EVERY_MS = 60_000

export class Faults {
  readonly #clock: Clock
  readonly #log: Log
  #count = 0
  #last = ''
  #cancel: (() => void) | undefined

  constructor(clock: Clock, log: Log) {
    this.#clock = clock
    this.#log = log
  }

  /** @param why the rest of a sentence that begins with the datagram */
  add(address: string, why: string): void {
    this.#count++
    this.#last = `A datagram from ${printable(address)} ${why}.`
    this.#cancel ??= this.#clock.after(EVERY_MS, () => this.#tell())
  }

  stop(): void {
    if (this.#cancel === undefined) return
    this.#cancel()
    this.#tell()
  }

  #tell(): void {
    const datagrams = this.#count === 1 ? '1 datagram was' : `${this.#count} datagrams were`
    this.#log.info(`MQTT-SN: ${datagrams} not understood. The last one: ${this.#last}`)
    this.#count = 0
    this.#cancel = undefined
  }
}
