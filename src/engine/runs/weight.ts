// How much memory something takes, roughly: what may be large in it are its texts.

/** In bytes. */
export function weightOf(value: unknown): number {
  if (typeof value === 'string') return value.length
  if (typeof value !== 'object' || value === null) return 0
  let sum = 0
  for (const part of Object.values(value)) sum += weightOf(part)
  return sum
}
