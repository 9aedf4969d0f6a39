// JournalError says as a sentence for the operator why the journal cannot be opened.

import { OperatorError } from '../../base/operator-error.ts'

export class JournalError extends OperatorError {
  override readonly name = 'JournalError'
}

/** The code of an error of SQLite or the system, such as `SQLITE_FULL` or `EIO`; '' for any other error. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
