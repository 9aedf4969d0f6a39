// Holds a value that came against what is expected of it.

import { printable } from '../../base/printable.ts'
import type { ValueExpectation } from '../../model/probe.ts'
import type { Json } from '../../model/json.ts'

/**
 * Why a value is not as expected, as the end of a sentence that begins with its name; `undefined` when it is.
 */
export function valueProblem(value: Json | undefined, expected: ValueExpectation): string | undefined {
  if (value === undefined) return 'is not there'
  const is = `is ${printable(JSON.stringify(value), 100)}`
  if ('equals' in expected)
    return value === expected.equals ? undefined : `${is}, not ${JSON.stringify(expected.equals)}`
  if ('matches' in expected) {
    const { source, flags } = expected.matches
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    return new RegExp(source, flags).test(text) ? undefined : `${is}, which /${source}/ does not match`
  }
  const { above, below } = expected
  if (typeof value !== 'number') return `${is}, which is no number`
  if (above !== undefined && !(value > above)) return `${is}, not above ${above}`
  if (below !== undefined && !(value < below)) return `${is}, not below ${below}`
  return undefined
}

/** The value at a path such as `disks.0.state`. */
export function valueAt(json: Json | undefined, path: string): Json | undefined {
  let at = json
  for (const key of path === '' ? [] : path.split('.'))
    at =
      typeof at === 'object' && at !== null && Object.hasOwn(at, key)
        ? (at as Readonly<Record<string, Json>>)[key]
        : undefined
  return at
}
