// Sets every moment in a memory to another clock. Moments are the numbers, or lists of numbers, whose name ends in `At` (or is `at`).

import type { Json, JsonObject } from '../../model/json.ts'

export function shiftMoments(memory: JsonObject, byMs: number): JsonObject {
  return Object.fromEntries(
    Object.entries(memory).map(([name, value]) => [name, shifted(value, /(?:^a|A)t$/.test(name), byMs)]),
  )
}

function shifted(value: Json | undefined, isMoment: boolean, byMs: number): Json | undefined {
  if (typeof value === 'number') return isMoment ? value + byMs : value
  if (Array.isArray(value)) return value.map((each: Json) => shifted(each, isMoment, byMs) as Json)
  return typeof value === 'object' && value !== null ? shiftMoments(value as JsonObject, byMs) : value
}
