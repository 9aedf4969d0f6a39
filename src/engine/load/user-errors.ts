// Errors that user code throws when nobody waits for it: in a timer of its own, in a promise that it forgot.
// They are logged and harm nobody. The hub's own errors end the thread: another engine goes on from the
// store.

import { realpathSync } from 'node:fs'
import { CODE } from '../../base/package.ts'
import { errorText, messageOf } from '../../base/printable.ts'
import { ruleFrames } from './load-failure.ts'

/**
 * @param tell is given what the author is told
 * @param fail is given an error of the hub's own, and ends the thread
 */
export function containUserErrors(
  rulesDir: string,
  tell: (said: string) => void,
  fail: (error: unknown) => void,
): void {
  const contain = (error: unknown): void => {
    const said = strayError(rulesDir, error)
    if (said === undefined) fail(error)
    else tell(said)
  }
  process.on('uncaughtException', contain)
  process.on('unhandledRejection', contain)
}

/**
 * Returns what to tell the author of a rule file, with the calls in rule files on the lines below;
 * `undefined` for an error of the hub's own. An error whose stack names neither is Node's, as of a `fetch`
 * that was not awaited, and counts as the author's: the hub awaits all of its own.
 */
export function strayError(rulesDir: string, error: unknown): string | undefined {
  const stack = errorText(error, 'stack')
  const frames = ruleFrames(realDir(rulesDir), stack)
  if (frames !== '')
    return `Code of a rule file failed while nobody waited for it: ${describe(error)}\n${frames}`
  if (stack.includes(CODE.href)) return undefined
  return `Something failed while nobody waited for it, most likely in code of a rule file: ${describe(error)}`
}

function describe(error: unknown): string {
  const name = errorText(error, 'name')
  const kind = name === '' || name === 'Error' ? '' : `${name}: `
  const cause = causeOf(error)
  return `${kind}${messageOf(error)}${cause === '' ? '' : ` (${cause})`}`
}

function causeOf(error: unknown): string {
  try {
    return error instanceof Error ? errorText(error.cause, 'message') : ''
  } catch {
    return ''
  }
}

/** The folder's real path, as Node names modules. */
function realDir(rulesDir: string): string {
  try {
    return realpathSync(rulesDir)
  } catch {
    return rulesDir
  }
}
