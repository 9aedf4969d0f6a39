// What a command tells of its failure, and its exit status. The one place where errors become sentences:
// commands throw.

import { OperatorError } from '../base/operator-error.ts'
import { messageOf } from '../base/printable.ts'
import { ConfigError } from '../config/config-error.ts'
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
  const stack = error instanceof Error ? error.stack : undefined
  return { sentence: stack ?? messageOf(error), status: EXIT.failed }
}
