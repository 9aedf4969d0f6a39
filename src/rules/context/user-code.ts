// Calls the code of a rule file while the engine decides. What it throws becomes a RuleError, whose sentence
// names the rule, the part and the line; it travels to the boundary (`evaluate`, `plan`) and never further.

import { errorText, messageOf, printable } from '../../base/printable.ts'
import { placeIn } from './stack-place.ts'

/** Whose code it is. */
export interface RuleOrigin {
  readonly name: string
  /** As people write it: `rules/door.ts`. */
  readonly file: string
}

/** Thrown when a function reads a payload that the schema has rejected. */
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
    if (isTold(thrown)) throw thrown
    throw new RuleError(describeThrown(rule, part, thrown))
  }
}

/** Whether an error already has its sentence. A Proxy may throw when its class is asked for. */
function isTold(thrown: unknown): boolean {
  try {
    return thrown instanceof RuleError || thrown instanceof PayloadRejected
  } catch {
    return false
  }
}

/** `rules/door.ts:12:7: rule "door": when threw TypeError: …` */
function describeThrown(rule: RuleOrigin, part: string, thrown: unknown): string {
  const place = placeIn(rule.file, errorText(thrown, 'stack'))
  const where = place === undefined ? rule.file : `${rule.file}:${place}`
  const name = errorText(thrown, 'name')
  const kind = name === '' || name === 'Error' ? '' : `${printable(name)}: `
  return `${where}: rule ${JSON.stringify(rule.name)}: ${part} threw ${kind}${printable(messageOf(thrown), 500)}`
}

/** Ignores the rejection of a promise that a rule returned where none is allowed. */
export const ignoreRejection = (promise: Promise<unknown>): void =>
  void Promise.resolve(promise).then(undefined, () => {})
