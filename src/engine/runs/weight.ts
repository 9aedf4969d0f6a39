// How much memory something takes, roughly: what may be large in it are its texts, and how many parts it has.

import { formatSize } from '../../base/quantities.ts'
import type { CompiledRule } from '../../rules/compile/compiled-rule.ts'

/**
 * What one decision of a rule may come to, in bytes: the steps of a run as they are planned, or the step that
 * a function gives.
 */
export const HEAVIEST_DECISION = 64 * 2 ** 20

/** What an object takes beside what it holds. */
const OBJECT_BYTES = 64

/**
 * In bytes. Counting ends when `most` is exceeded: a text that is longer than that is not even looked at.
 * @param most by default there is no such bound
 */
export function weightOf(value: unknown, most = Infinity): number {
  if (typeof value === 'string') return textBytes(value, most)
  if (typeof value !== 'object' || value === null) return 0
  let sum = OBJECT_BYTES
  for (const part of Object.values(value)) {
    sum += weightOf(part, most - sum)
    if (sum > most) break
  }
  return sum
}

/**
 * V8 keeps a text at one byte a character, and at two as soon as one of them is beyond Latin-1; all beyond
 * ASCII counts as such.
 */
function textBytes(text: string, most: number): number {
  const { length } = text
  return length > most || Buffer.byteLength(text) === length ? length : 2 * length
}

/**
 * Why a decision is refused, as a sentence that names the rule and the part of it that made too much; else
 * `undefined`.
 */
export function tooHeavy(
  { line, name }: Pick<CompiledRule, 'line' | 'name'>,
  part: string,
  made: unknown,
  heaviest = HEAVIEST_DECISION,
): string | undefined {
  if (weightOf(made, heaviest) <= heaviest) return undefined
  return (
    `${line}: rule ${JSON.stringify(name)}: ${part} returned actions that take more than ${formatSize(heaviest)}, ` +
    'the most that one decision may come to'
  )
}
