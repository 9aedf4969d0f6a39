// Text from outside (topics, payloads, torrent names) made safe to print on a terminal or in a log line.
// What code of others throws is such text, too, and may be anything at all.

import { inspect } from 'node:util'

/** Escapes control characters and unpaired surrogates, and cuts what is longer than `limit` characters. */
export function printable(text: string, limit = 200): string {
  const cut = text.length > limit ? `${text.slice(0, limit - 1)}…` : text
  return cut.replaceAll(/[\p{Cc}\p{Cs}\u2028\u2029\p{Bidi_Control}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0
    return code < 0x100
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`
  })
}

/**
 * Escapes what a terminal obeys or orders text by, as JSON escapes it (`\u009b`): DEL, the C1 controls, the
 * line and paragraph separators and the bidirectional controls. JSON stays the same JSON. Line feeds, tabs
 * and the escape sequences of colours stay: the text is ours, and what it quotes went through `printable` or
 * JSON.
 */
export const visible = (text: string): string =>
  text.replaceAll(/[\x7F-\x9F\u2028\u2029\p{Bidi_Control}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0
    return `\\u${code.toString(16).padStart(4, '0')}`
  })

/** A longer message is cut: it is logged, and stored with a step. */
const LONGEST_MESSAGE = 8_192
const NO_WORDS = 'something that cannot be described'

/**
 * The message of anything that was thrown. Never throws itself, whatever that is: an object without a
 * prototype, a Proxy, an error with a getter that throws.
 */
export function messageOf(thrown: unknown): string {
  try {
    const said: unknown = thrown instanceof Error ? thrown.message : thrown
    const text = isCompound(said) ? inspect(said, AS_DATA) : String(said)
    return text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE - 1)}…` : text
  } catch {
    return NO_WORDS
  }
}

/** Returns one text of anything that was thrown; empty when it has none, or when reading it throws. */
export function errorText(thrown: unknown, part: 'name' | 'message' | 'stack'): string {
  try {
    const text: unknown = thrown instanceof Error ? thrown[part] : ''
    return typeof text === 'string' ? text : ''
  } catch {
    return ''
  }
}

const isCompound = (value: unknown): boolean =>
  (typeof value === 'object' && value !== null) || typeof value === 'function'

/** Shows what an object holds, and calls none of its functions. */
const AS_DATA = {
  customInspect: false,
  showProxy: true,
  depth: 1,
  maxArrayLength: 10,
  maxStringLength: 500,
  breakLength: Infinity,
} as const
