// How much memory something takes, roughly: what may be large in it are its texts, and how many parts it has.

import { formatSize } from '../../base/quantities.ts'
import { printable } from '../../base/printable.ts'
import type { ActionSpec, PublishSpec } from '../../model/action.ts'
import { publishProblem } from '../../model/publication-size.ts'
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
 * `undefined`. What is refused here is copied nowhere, neither to the store nor to the broker.
 * @param part of the rule, as its author knows it
 * @param packetBytes the largest packet that a rule may publish
 */
export function tooMuch(
  { line, name }: Pick<CompiledRule, 'line' | 'name'>,
  part: string,
  specs: readonly (ActionSpec | null)[],
  packetBytes: number,
): string | undefined {
  const who = `${line}: rule ${JSON.stringify(name)}: ${part}`
  if (weightOf(specs, HEAVIEST_DECISION) > HEAVIEST_DECISION)
    return (
      `${who} returned actions that take more than ${formatSize(HEAVIEST_DECISION)}, the most that one ` +
      'decision may come to'
    )
  for (const spec of publishesIn(specs)) {
    const problem = publishProblem(spec, packetBytes)
    if (problem !== undefined) return `${who} publishes to ${printable(spec.topic)}, but ${problem}`
  }
  return undefined
}

function* publishesIn(specs: readonly (ActionSpec | null)[]): Generator<PublishSpec> {
  for (const spec of specs) {
    if (spec?.kind === 'publish') yield spec
    if (spec?.kind === 'parallel') yield* publishesIn(spec.steps)
    if (spec?.onFailure) yield* publishesIn(spec.onFailure)
  }
}
