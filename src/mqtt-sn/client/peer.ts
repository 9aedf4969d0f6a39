// The client at its address: what it is sent, for how long it may be silent, and whether it has shown that it
// hears the hub.

import type { Clock } from '../../base/clock.ts'
import { encode } from '../messages/codec.ts'
import type { Message } from '../messages/messages.ts'
import type { ReturnCode } from '../messages/return-codes.ts'
import { Allowance } from './allowance.ts'
import { Patience } from './patience.ts'

export interface PeerOptions {
  readonly clock: Clock
  readonly send: (datagram: Buffer) => void
  /** The client has shown that it hears the hub at its address. */
  readonly onProven: () => void
  /** The client was silent for too long. */
  readonly onSilence: () => void
}

export class Peer {
  readonly #options: PeerOptions
  readonly #patience: Patience
  readonly #allowance = new Allowance()

  constructor(options: PeerOptions) {
    this.#options = options
    this.#patience = new Patience(options.clock, options.onSilence)
  }

  /** Whether the client has shown that it hears the hub. */
  get isProven(): boolean {
    return this.#allowance.isProven
  }

  /** Whether the client has to show that it hears the hub before it gets more. */
  get isDoubtful(): boolean {
    return this.#allowance.isSpent
  }

  /** @param seconds for how long the client says that it may be silent; 0 for nothing */
  expect(seconds: number): void {
    this.#patience.begin(seconds)
  }

  /** @param bytes the length of the datagram */
  heard(bytes: number): void {
    this.#patience.heard()
    this.#allowance.received(bytes)
  }

  /** The client has said what only it was told. */
  prove(): void {
    if (this.#allowance.isProven) return
    this.#allowance.prove()
    this.#options.onProven()
  }

  send(message: Message): void {
    const datagram = encode(message)
    this.#allowance.sent(datagram.length)
    this.#options.send(datagram)
  }

  connack(returnCode: ReturnCode): void {
    this.send({ type: 'connack', returnCode })
  }

  /** DISCONNECT: the answer to the client's, or the order to connect anew. */
  goodbye(): void {
    this.send({ type: 'disconnect', duration: undefined })
  }

  stop(): void {
    this.#patience.stop()
  }
}
