// Code that Node has compiled is kept in the folder that bin.js names in the environment, so that the next
// process of the same code begins in half the time. Node writes what is new when a process exits in order;
// one that is killed has to ask before.

import { flushCompileCache } from 'node:module'

/** Keeps what this thread has loaded so far. */
export const keepCompiled = (): void => flushCompileCache()

/** Programs that are begun from here keep nothing there. */
export function forgetFolder(): void {
  delete process.env['NODE_COMPILE_CACHE']
}
