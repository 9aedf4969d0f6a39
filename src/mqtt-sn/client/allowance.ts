// How much a client is sent before it has shown that it hears the hub. Whoever forges the address of another
// in a datagram could have the hub send to that address what retained messages there are. As in QUIC (RFC
// 9000, 8.1), it gets no more than a multiple of what came from there, and a little for the beginning.

const MULTIPLE = 3
const FIRST_BYTES = 1_024

export class Allowance {
  #left = FIRST_BYTES
  #isProven = false

  get isProven(): boolean {
    return this.#isProven
  }

  /** Whether the client has to show that it hears the hub before it gets more. */
  get isSpent(): boolean {
    return !this.#isProven && this.#left <= 0
  }

  received(bytes: number): void {
    this.#left += MULTIPLE * bytes
  }

  sent(bytes: number): void {
    this.#left -= bytes
  }

  prove(): void {
    this.#isProven = true
  }
}
