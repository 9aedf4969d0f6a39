// Errors that code of the user throws when nobody is waiting: in a timer of its own, in a promise that it
// forgot. They are told and harm nobody. The hub's own errors end the thread: another engine takes up what is
// in the store.

import { realpathSync } from 'node:fs'
import { errorText, messageOf } from '../../base/printable.ts'
import { ruleFrames } from './load-failure.ts'

/** In a stack, the hub's own code. */
const OWN_CODE = new URL('../..', import.meta.url).href

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
 * What the author of a rule file is told, the calls in rule files on the lines below; `undefined` for an
 * error of the hub's own. One with neither in its stack is Node's, as of a `fetch` that was not awaited: the
 * hub awaits all of its own.
 */
export function strayError(rulesDir: string, error: unknown): string | undefined {
  const stack = errorText(error, 'stack')
  const frames = ruleFrames(realDir(rulesDir), stack)
  if (frames !== '')
    return `Code of a rule file failed while nobody waited for it: ${describe(error)}\n${frames}`
  if (stack.includes(OWN_CODE)) return undefined
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

/** As Node names modules. */
function realDir(rulesDir: string): string {
  try {
    return realpathSync(rulesDir)
  } catch {
    return rulesDir
  }
}
