// Payloads as they are sent to the page: text where they are UTF-8, otherwise base64. What was cut in the middle
// of a character loses the part of it.

import type { SentPayload } from './views.ts'

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** @param isCut the payload goes on behind these bytes */
export function sentPayload(bytes: Uint8Array, isCut: boolean): SentPayload {
  const whole = isCut ? bytes.subarray(0, bytes.length - partialBytes(bytes)) : bytes
  try {
    return { text: strict.decode(whole) }
  } catch {
    return { base64: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64') }
  }
}

/** How many bytes at the end begin a character of UTF-8 that is not complete. */
function partialBytes(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back]!
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
    if (length > 1) return length > back ? back : 0
    if (byte < 0x80) return 0
  }
  return 0
}
