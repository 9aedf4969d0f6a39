// The last bytes of a stream, bounded however much there was.

/** Keeps the last bytes of a stream, and never more than twice as many. */
export class Tail {
  readonly #limit: number
  #chunks: Buffer[] = []
  #length = 0
  #whole = 0

  /** @param limit bytes to keep */
  constructor(limit: number) {
    this.#limit = limit
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#length += chunk.length
    this.#whole += chunk.length
    if (this.#length > 2 * this.#limit || this.#chunks.length > 64) this.#compact()
  }

  /** The bytes that were kept, and the number of bytes that came in all. */
  read(): { readonly bytes: Buffer; readonly whole: number } {
    this.#compact()
    return { bytes: this.#chunks[0] ?? Buffer.alloc(0), whole: this.#whole }
  }

  #compact(): void {
    const whole = Buffer.concat(this.#chunks)
    // Copied: a view would hold on to all that it was cut from.
    this.#chunks = [Buffer.from(whole.subarray(-this.#limit))]
    this.#length = this.#chunks[0]?.length ?? 0
  }
}
