// The one place where code of a rule file is called while deciding: what it throws becomes a sentence that names the rule, the
// part, and the line, and travels as a RuleError up to the boundary (`evaluate`, `plan`), never further.

import { messageOf, printable } from '../base/printable.ts'
import { placeIn } from './stack-place.ts'

/** Whose code it is. */
export interface RuleOrigin {
  readonly name: string
  /** As people write it: `rules/door.ts`. */
  readonly file: string
}

/** Something reads a payload that the schema has rejected. */
export class PayloadRejected extends Error {
  override readonly name = 'PayloadRejected'
}

/** A rule's own code failed, or returned what it must not. */
export class RuleError extends Error {
  override readonly name = 'RuleError'
}

/** @param part what runs, as the author knows it: `when`, `do`, `key`, … */
export function runUserCode<T>(rule: RuleOrigin, part: string, code: () => T): T {
  try {
    return code()
  } catch (thrown) {
    if (thrown instanceof RuleError || thrown instanceof PayloadRejected) throw thrown
    throw new RuleError(describeThrown(rule, part, thrown))
  }
}

/** `rules/door.ts:12:7: rule "door": when threw TypeError: …` */
function describeThrown(rule: RuleOrigin, part: string, thrown: unknown): string {
  const place = placeIn(rule.file, thrown instanceof Error ? (thrown.stack ?? '') : '')
  const where = place === undefined ? rule.file : `${rule.file}:${place}`
  const kind = thrown instanceof Error && thrown.name !== 'Error' ? `${thrown.name}: ` : ''
  return `${where}: rule ${JSON.stringify(rule.name)}: ${part} threw ${kind}${printable(messageOf(thrown), 500)}`
}
