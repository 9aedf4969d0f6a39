// What is wrong with a configuration, or with what it names.

import { OperatorError } from '../base/operator-error.ts'

/** The operator's mistake, in a sentence that says what to do. */
export class ConfigError extends OperatorError {
  override name = 'ConfigError'
}
