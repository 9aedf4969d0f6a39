// What Node has compiled is kept in a folder, so that the next process of the same code begins in less than half the time. Node
// reads the folder's name when it begins, and writes what is new when it exits in order; a process that is killed has to ask before.

import { flushCompileCache } from 'node:module'

const VARIABLE = 'NODE_COMPILE_CACHE'

/** The environment for such a process; a folder that the user has named goes before. */
export const compiledIn = (folder: string): NodeJS.ProcessEnv => ({ [VARIABLE]: folder, ...process.env })

/** Keeps what this thread has loaded so far. */
export const keepCompiled = (): void => flushCompileCache()

/** Programs that are begun from here keep nothing there. */
export function forgetFolder(): void {
  delete process.env[VARIABLE]
}
