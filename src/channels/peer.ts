// Optional packages: a hub that does not use their channel need not have them.

import { printable } from '../base/printable.ts'
import type { Untold } from './channel.ts'

/**
 * Loads the package, or says how to install it.
 * @param name with its major version, as npm takes it: `irc-framework@4`
 */
export async function loadPeer<T>(
  name: string,
  load: () => Promise<T>,
): Promise<{ readonly kind: 'loaded'; readonly peer: T } | Untold> {
  try {
    return { kind: 'loaded', peer: await load() }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    const reason = `the package ${printable(name)} is not installed: run "npm install ${name}" where vigie is`
    return { kind: 'gone', reason }
  }
}

/**
 * Does what takes a connection until it is done, or the attempt ends, or the connection breaks.
 * @param broken rejects when the connection breaks
 */
export async function whileAlive<T>(
  signal: AbortSignal,
  work: () => Promise<T>,
  broken?: Promise<never>,
): Promise<T> {
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const abort = (): void => aborted.reject(signal.reason as Error)
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([work(), aborted.promise, ...(broken ? [broken] : [])])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
