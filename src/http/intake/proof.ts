// Whether who delivers is who they should be: a signature over the body, or a token. Both are compared in a time that
// tells nothing of where they differ.

import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** @param given the header: HMAC-SHA256 in hexadecimal, as it is or after `sha256=` */
export function isSigned(body: Uint8Array, key: string, given: string | undefined): boolean {
  const hex = /^(?:sha256=)?([0-9a-f]{64})$/i.exec(given ?? '')?.[1]
  if (hex === undefined) return false
  return timingSafeEqual(Buffer.from(hex, 'hex'), createHmac('sha256', key).update(body).digest())
}

/** Of digests, because they have one length. */
export const isToken = (given: string | undefined, token: string): boolean =>
  given !== undefined && timingSafeEqual(digest(given), digest(token))

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
