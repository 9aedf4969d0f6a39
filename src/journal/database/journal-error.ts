// What keeps the journal from opening, as a sentence for the operator.

import { OperatorError } from '../../base/operator-error.ts'

export class JournalError extends OperatorError {
  override readonly name = 'JournalError'
}

/** SQLite's own name for what went wrong, such as `SQLITE_FULL`; the empty text for anything else. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
