// The Retry-After header: seconds, or a date.

/** A server that asks for more than this is asked again after it. */
const LONGEST_MS = 24 * 3_600_000

/** The time to wait; `undefined` when the header is absent or cannot be read. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? ''
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1_000, LONGEST_MS)
  // Date.parse takes nearly anything; an HTTP date begins with the name of a day.
  const at = /^[A-Z][a-z]{2}/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.min(Math.max(0, at - now), LONGEST_MS)
}
