// The numbers in a payload, by their paths: what can be plotted.

/** More are not offered. */
const MOST_NUMBERS = 40
const DEEPEST = 8

export interface Found {
  /** `sensors.0.temperature`; empty: the payload itself is the number. */
  readonly path: string
  readonly value: number
}

/** Booleans are 0 and 1: a door that opens can be plotted. */
export function numbersIn(value: unknown): Found[] {
  const found: Found[] = []
  const look = (each: unknown, path: readonly string[]): void => {
    if (found.length === MOST_NUMBERS || path.length > DEEPEST) return
    const number = numberOf(each)
    if (number !== null) found.push({ path: path.join('.'), value: number })
    else if (typeof each === 'object' && each !== null)
      for (const [name, member] of Object.entries(each)) look(member, [...path, name])
  }
  look(value, [])
  return found
}

/** The number at a path; `null` where there is none. */
export function numberAt(value: unknown, path: string): number | null {
  let each = value
  for (const name of path === '' ? [] : path.split('.')) {
    if (typeof each !== 'object' || each === null || !Object.hasOwn(each, name)) return null
    each = (each as Record<string, unknown>)[name]
  }
  return numberOf(each)
}

function numberOf(value: unknown): number | null {
  if (typeof value === 'boolean') return value ? 1 : 0
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}
