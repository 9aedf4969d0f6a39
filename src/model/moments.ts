// Sets every moment in a memory to another clock. Moments are the numbers, or lists of numbers, whose name
// ends in `At` (or is `at`). What stands beside a `setAt` is of the time at which it was set.

import type { Earlier } from './clock-behind.ts'
import type { Json, JsonObject } from './json.ts'

/** @param earlier moments of a time before it move by less; none when it is absent */
export function shiftMoments(memory: JsonObject, byMs: number, earlier?: Earlier): JsonObject {
  const lengthAt = (at: number): number =>
    earlier !== undefined && at <= earlier.upToAt ? earlier.byMs : byMs
  return shiftAll(memory, lengthAt)
}

type LengthAt = (at: number) => number

function shiftAll(memory: JsonObject, lengthAt: LengthAt): JsonObject {
  const { setAt } = memory
  const byMs = typeof setAt === 'number' ? lengthAt(setAt) : undefined
  const here = byMs === undefined ? lengthAt : () => byMs
  return Object.fromEntries(
    Object.entries(memory).map(([name, value]) => [
      name,
      shifted(value, /(?:^a|A)t$/.test(name), here, lengthAt),
    ]),
  )
}

function shifted(
  value: Json | undefined,
  isMoment: boolean,
  here: LengthAt,
  within: LengthAt,
): Json | undefined {
  if (typeof value === 'number') return isMoment ? value + here(value) : value
  if (Array.isArray(value)) return value.map((each: Json) => shifted(each, isMoment, here, within) as Json)
  return typeof value === 'object' && value !== null ? shiftAll(value as JsonObject, within) : value
}
