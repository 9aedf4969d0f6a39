// Estimates how much memory a value takes, from its texts and the number of its parts.

import { formatSize } from '../../base/quantities.ts'
import { printable } from '../../base/printable.ts'
import type { ActionSpec, PublishSpec } from '../../model/action.ts'
import { publishProblem } from '../../model/publication-size.ts'
import type { CompiledRule } from '../../rules/compile/compiled-rule.ts'

/**
 * The most bytes that one decision of a rule may take: the steps of a run as they are planned, or the step
 * that a function returns.
 */
export const HEAVIEST_DECISION = 64 * 2 ** 20

/**
 * The most bytes that all decisions because of one event may take together: they are committed at once, with
 * the cursor that passes the event. Without this bound many rules fill the engine's memory, each with less
 * than one decision may take.
 */
export const HEAVIEST_EVENT = 128 * 2 ** 20

/** A decision of at most so many bytes is never refused because of what others take. */
export const LIGHT_DECISION = 64 * 2 ** 10

/**
 * A commit takes no further decisions once they take so many bytes: what is committed is copied on its way to
 * the store.
 */
export const HEAVIEST_COMMIT = 16 * 2 ** 20

/** Bytes that an object takes besides its contents. */
const OBJECT_BYTES = 64

/**
 * Returns the bytes that a value takes. Counting ends when `most` is exceeded: a text longer than that is not
 * even looked at.
 * @param most no limit by default
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
 * V8 keeps a text at one byte a character, and at two if one of them is beyond Latin-1. Every text with a
 * character beyond ASCII is counted at two.
 */
function textBytes(text: string, most: number): number {
  const { length } = text
  return length > most || Buffer.byteLength(text) === length ? length : 2 * length
}

/** A decision of a rule: what it takes, and why it is refused; a refused one is copied nowhere. */
export interface Weighed {
  readonly bytes: number
  /** A sentence that names the rule, and the part of it that made too much. */
  readonly problem?: string
}

/**
 * Weighs a decision before it is copied to the store or to the broker.
 * @param part of the rule, as its author knows it
 * @param packetBytes the largest packet that a rule may publish
 */
export function weigh(
  { line, name }: Pick<CompiledRule, 'line' | 'name'>,
  part: string,
  specs: readonly (ActionSpec | null)[],
  packetBytes: number,
): Weighed {
  const who = `${line}: rule ${JSON.stringify(name)}: ${part}`
  const bytes = weightOf(specs, HEAVIEST_DECISION)
  if (bytes > HEAVIEST_DECISION)
    return { bytes, problem: `${who} returned actions that take more than ${ONE}` }
  for (const spec of publishesIn(specs)) {
    const problem = publishProblem(spec, packetBytes)
    if (problem !== undefined)
      return { bytes, problem: `${who} publishes to ${printable(spec.topic)}, but ${problem}` }
  }
  return { bytes }
}

const ONE = `${formatSize(HEAVIEST_DECISION)}, the most that one decision may come to`

function* publishesIn(specs: readonly (ActionSpec | null)[]): Generator<PublishSpec> {
  for (const spec of specs) {
    if (spec?.kind === 'publish') yield spec
    if (spec?.kind === 'parallel') yield* publishesIn(spec.steps)
    if (spec?.onFailure) yield* publishesIn(spec.onFailure)
  }
}
