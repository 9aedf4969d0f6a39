// Creates a folder that only this user can read.

import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Creates the folder and its parents. Node's own `recursive` never returns where no folder can be created, as
 * in /proc.
 */
export function makeFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return
  const above = dirname(folder)
  if (above !== folder) makeFolder(above)
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    // Another process may have created it meanwhile; anything else at this path is an error.
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw error
  }
}
