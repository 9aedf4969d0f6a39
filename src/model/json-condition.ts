// A condition on a payload of JSON, as people write it: a path, and what the value there is compared with.
// `$.battery < 20`, `state.name = open`, `readings[0].unit`, `["a key"] != null`.

import { isDeepStrictEqual } from 'node:util'
import type { Json } from './json.ts'

export type JsonCondition = (value: Json) => boolean

const OPERATORS: Readonly<Record<string, (found: Json, wanted: Json) => boolean>> = {
  '=': isDeepStrictEqual,
  '!=': (found, wanted) => !isDeepStrictEqual(found, wanted),
  '<': (found, wanted) => order(found, wanted) < 0,
  '<=': (found, wanted) => order(found, wanted) <= 0,
  '>': (found, wanted) => order(found, wanted) > 0,
  '>=': (found, wanted) => order(found, wanted) >= 0,
}

/** One step of a path: `.name`, `name` at the beginning, `[0]` or `["any name"]`. */
const STEP = /\.?([\p{L}\p{N}_$-]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/uy

const WANTED = "a path such as $.battery or readings[0].unit, alone or compared: '$.battery < 20'"

/**
 * Reads a condition. Without an operator it holds where the path leads to a value, `null` included. The value
 * after an operator is JSON, or else text. Numbers are ordered among numbers and texts among texts.
 * @throws RangeError whose message says what would be right
 */
export function parseJsonCondition(text: string): JsonCondition {
  const [, pathText = '', operator, wantedText = ''] = /^(.*?)\s*(?:(<=|>=|!=|==?|<|>)\s*(.*))?$/s.exec(
    text.trim(),
  )!
  const path = parsePath(pathText)
  if (path === undefined || (operator !== undefined && wantedText === ''))
    throw new RangeError(`${JSON.stringify(text)} is no condition on JSON; write ${WANTED}.`)
  if (operator === undefined) return (value) => valueAt(value, path) !== undefined
  const compare = OPERATORS[operator === '==' ? '=' : operator]!
  const wanted = jsonOrText(wantedText)
  return (value) => {
    const found = valueAt(value, path)
    return found !== undefined && compare(found, wanted)
  }
}

function parsePath(text: string): (string | number)[] | undefined {
  const steps: (string | number)[] = []
  let at = text.startsWith('$') ? 1 : 0
  if (at === 0 && text === '') return undefined
  while (at < text.length) {
    STEP.lastIndex = at
    const [, name, index, quoted] = STEP.exec(text) ?? []
    if (STEP.lastIndex === 0) return undefined
    at = STEP.lastIndex
    steps.push(name ?? (index === undefined ? (jsonOrText(quoted!) as string) : Number(index)))
  }
  return steps
}

function valueAt(value: Json, path: readonly (string | number)[]): Json | undefined {
  let found: Json | undefined = value
  for (const step of path) {
    if (typeof found !== 'object' || found === null || !isMember(found, step)) return undefined
    found = (found as Readonly<Record<string | number, Json | undefined>>)[step]
  }
  return found
}

function jsonOrText(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

/** Negative, 0 or positive; `NaN` for what has no order. */
function order(one: Json, other: Json): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other
  if (typeof one !== 'string' || typeof other !== 'string') return Number.NaN
  return one < other ? -1 : Number(one > other)
}

/** Whether JSON shows it: not the length of a list, nor what every object inherits. */
const isMember = (of: object, step: string | number): boolean =>
  Object.prototype.propertyIsEnumerable.call(of, step)
