// The end of an output, bounded however much there was, without values of secrets.

import type { Disclosure } from '../secrets/secrets.ts'

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

interface TailOptions {
  /** Characters to keep. */
  readonly limit: number
  /** The side on which bytes are missing: the value of a secret may be cut in two there. */
  readonly cut: 'start' | 'end' | 'nowhere'
  readonly disclosure: Disclosure
}

export interface TextTail {
  /** Begins with "…" where it is not the whole. */
  readonly text: string
  readonly isWhole: boolean
}

/** The end of an output as text for a result. What is no UTF-8 becomes U+FFFD. */
export function textTail(bytes: Buffer, { limit, cut, disclosure }: TailOptions): TextTail {
  const whole = disclosure.redact(bytes.toString())
  const half = disclosure.longestBytes
  const sound = whole.slice(
    cut === 'start' ? half : 0,
    cut === 'end' ? Math.max(0, whole.length - half) : undefined,
  )
  if (sound.length > limit || cut === 'start') return { text: `…${sound.slice(-limit)}`, isWhole: false }
  return { text: sound, isWhole: cut === 'nowhere' }
}
