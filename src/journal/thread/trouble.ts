// Commits that fail for a reason outside of the hub, such as a full disk: how they differ from faults of the
// data, and the sentences for the operator.

import { messageOf } from '../../base/printable.ts'
import { codeOf } from '../database/journal-error.ts'

/** SQLite's codes for a fault of the statement or its values, not of the disk. */
const FAULTS_OF_DATA = /^SQLITE_(CONSTRAINT|MISMATCH|TOOBIG|RANGE|ERROR)/

export function isStorageTrouble(error: unknown): boolean {
  const code = codeOf(error)
  return code.startsWith('SQLITE_') && !FAULTS_OF_DATA.test(code)
}

export function troubleSentence(path: string, error: unknown): string {
  const code = codeOf(error)
  const what =
    `The journal cannot be written (${path}: ${messageOf(error)}); ` +
    'nothing is acknowledged meanwhile, and it is tried again every second.'
  if (code === 'SQLITE_FULL' || code === 'ENOSPC') return `The disk is full. ${what} Make room on it.`
  if (code.startsWith('SQLITE_IOERR') || code === 'EIO')
    return `The disk reports an error. ${what} See the system log.`
  if (code.startsWith('SQLITE_READONLY') || code === 'EROFS')
    return `The disk has become read-only. ${what} Mount it for writing.`
  if (code.startsWith('SQLITE_CORRUPT'))
    return `The journal is damaged. ${what} Stop the hub and restore the file from a backup.`
  return what
}

/** @param path no longer leads to the file that the hub has open */
export const displacedSentence = (path: string): string =>
  `${path} is no longer the file that the hub has open: it was removed, moved, replaced, or covered ` +
  'by a mount. Nothing is acknowledged meanwhile. Put the file back, and the hub goes on; if it is gone, ' +
  'docs/durability.md says how to save what the hub still holds before you stop it.'
