// The end of an output, bounded however much there was, without values of secrets.

import type { Disclosure } from '../secrets/secrets.ts'

/** Keeps the last bytes of a stream, and never more than twice as many. */
export class Tail {
  readonly #limit: number
  #chunks: Buffer[] = []
  #length = 0
  #isCut = false

  /** @param limit bytes to keep */
  constructor(limit: number) {
    this.#limit = limit
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#length += chunk.length
    if (this.#length > 2 * this.#limit || this.#chunks.length > 64) this.#compact()
  }

  /** What was kept, and whether something went before it. */
  read(): { bytes: Buffer; isCut: boolean } {
    this.#compact()
    return { bytes: this.#chunks[0] ?? Buffer.alloc(0), isCut: this.#isCut }
  }

  #compact(): void {
    const whole = Buffer.concat(this.#chunks)
    this.#isCut ||= whole.length > this.#limit
    // Copied: a view would hold on to all that it was cut from.
    this.#chunks = [Buffer.from(whole.subarray(-this.#limit))]
    this.#length = this.#chunks[0]?.length ?? 0
  }
}

interface TailOptions {
  /** Characters to keep. */
  readonly limit: number
  /** Where more went before or after the bytes: there, half a secret may stand. */
  readonly cut: 'start' | 'end' | 'nowhere'
  readonly disclosure: Disclosure
}

/** The end of an output as text for a result. What is no UTF-8 becomes U+FFFD. */
export function textTail(bytes: Buffer, { limit, cut, disclosure }: TailOptions): string {
  const whole = disclosure.redact(bytes.toString())
  const half = disclosure.longestBytes
  const sound = whole.slice(
    cut === 'start' ? half : 0,
    cut === 'end' ? Math.max(0, whole.length - half) : undefined,
  )
  return sound.length > limit || cut === 'start' ? `…${sound.slice(-limit)}` : sound
}
