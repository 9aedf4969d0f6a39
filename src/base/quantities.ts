// Lengths of time and sizes as people write them: '250ms', '30s', '5m', '2h', '7d'; '64KiB', '2GiB'.

const DURATION_UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const
const SIZE_UNITS = {
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
} as const

/** A length of time with its unit, such as `'250ms'`, `'30s'`, `'1.5h'`, `'7d'`. */
export type Duration = `${number}${keyof typeof DURATION_UNITS}`
/** A size with its unit, such as `'64KiB'` or `'2GiB'` (powers of 1024) or `'5MB'` (powers of 1000). */
export type Size = `${number}${keyof typeof SIZE_UNITS}`

/** Milliseconds of a duration. Throws a RangeError whose message says what would be right. */
export const parseDuration = (text: string): number =>
  Math.round(parseQuantity(text, DURATION_UNITS, "a duration such as '250ms', '30s', '5m', '2h' or '7d'"))

/** Bytes of a size. Throws a RangeError whose message says what would be right. */
export const parseSize = (text: string): number =>
  Math.round(parseQuantity(text, SIZE_UNITS, "a size such as '512B', '64KiB', '10MiB' or '2GiB'"))

function parseQuantity(text: string, units: Readonly<Record<string, number>>, wanted: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([A-Za-z]+)$/.exec(text) ?? []
  const factor = unit !== undefined && Object.hasOwn(units, unit) ? units[unit] : undefined
  if (amount === undefined || factor === undefined)
    throw new RangeError(`${JSON.stringify(text)} is not ${wanted}.`)
  return Number(amount) * factor
}

/** A length for people, in at most two units: `90_500` gives `'1m 30s'`, `420` gives `'420ms'`. */
export function formatDuration(lengthMs: number): string {
  if (lengthMs < 0) return `-${formatDuration(-lengthMs)}`
  if (lengthMs < 999.5) return `${Math.round(lengthMs)}ms`
  if (lengthMs < 10_000) return `${Number((lengthMs / 1_000).toFixed(1))}s`
  const parts: string[] = []
  let left = Math.round(lengthMs / 1_000) * 1_000
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const amount = Math.floor(left / DURATION_UNITS[unit])
    if (amount > 0) parts.push(`${amount}${unit}`)
    left -= amount * DURATION_UNITS[unit]
  }
  return parts.slice(0, 2).join(' ')
}

/** A size for people: `1536` gives `'1.5 KiB'`. */
export function formatSize(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const
  let power = 0
  while (power < units.length - 1 && bytes >= 1024 ** (power + 1)) power++
  return `${Number((bytes / 1024 ** power).toFixed(1))} ${units[power]}`
}
