// What a declaration carries beside its definition: which kind it is, its name, and where it was made.

/** A symbol by name, so that a second copy of this package is understood too. */
export const DECLARATION: unique symbol = Symbol.for('vigie.declaration')

export interface Declared {
  readonly name: string
  /** The stack of the call that made it, to name the file and the line. */
  readonly stack: string
}

/** The stack of whoever called `rule`, `ping` or `watch`. */
export function stackOf(callee: (...args: never[]) => unknown): string {
  const holder: { stack?: string } = {}
  Error.captureStackTrace(holder, callee)
  return holder.stack ?? ''
}
