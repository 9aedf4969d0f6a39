// The error for a configuration that is wrong, or names something that is.

import { OperatorError } from '../base/operator-error.ts'

/** The operator's mistake, in a sentence that says what to do. */
export class ConfigError extends OperatorError {
  override name = 'ConfigError'
}
