/** The operator can mend what is wrong, and the message says how: it is printed as it is, without a stack. */
export class OperatorError extends Error {
  override name = 'OperatorError'
}
