// What a command tells of its failure, and its exit status. The one place where errors become sentences:
// commands throw.

import { OperatorError } from '../../base/operator-error.ts'
import { messageOf, printable } from '../../base/printable.ts'
import { isSystemError, systemReason } from '../../base/system-reason.ts'
import { ConfigError } from '../../config/config-error.ts'
import { EXIT } from './command.ts'

export interface Failure {
  readonly sentence: string
  readonly status: number
}

/**
 * A sentence for what the person who typed the command can mend; the stack of anything else, which is a fault
 * of ours.
 */
export function describeFailure(error: unknown): Failure {
  if (error instanceof ConfigError) return { sentence: error.message, status: EXIT.config }
  if (error instanceof OperatorError) return { sentence: error.message, status: EXIT.failed }
  if (isFileError(error))
    return {
      sentence: `${printable(error.path)} cannot be used: ${systemReason(error)}.`,
      status: EXIT.failed,
    }
  const stack = error instanceof Error ? error.stack : undefined
  return { sentence: stack ?? messageOf(error), status: EXIT.failed }
}

/** The system names the file, so the person can see to it; a command that can say more does so itself. */
const isFileError = (error: unknown): error is NodeJS.ErrnoException & { readonly path: string } =>
  isSystemError(error) && typeof error.path === 'string'
