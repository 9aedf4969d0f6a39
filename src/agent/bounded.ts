// Patterns come from the hub, and may be made to take for ever. Here they have a second.

import { createContext, Script } from 'node:vm'

/** Of a pattern on one text, or on the command lines of one table of processes. */
const LONGEST_MS = 1_000

const context = createContext({}) as { code?: () => unknown }
const script = new Script('code()')

/**
 * Runs code that ends by itself, or is ended. A call costs a millisecond.
 * @throws Error when its time is up
 */
export function bounded<T>(code: () => T, timeout = LONGEST_MS): T {
  context.code = code
  try {
    return script.runInContext(context, { timeout }) as T
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
    throw new Error('its pattern took more than a second', { cause: error })
  } finally {
    delete context.code
  }
}
