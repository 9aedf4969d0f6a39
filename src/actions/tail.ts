// The end of an output, bounded however much there was, without values of secrets.

import type { Disclosure } from '../secrets/secrets.ts'

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
