// The fields that every declaration has besides its definition: its kind, its name, and where it was made.

/**
 * The symbol is registered by name, so that declarations of a second copy of this package are understood too.
 */
export const DECLARATION: unique symbol = Symbol.for('vigie.declaration')

export interface Declared {
  readonly name: string
  /** The stack of the call that made it; file and line of a problem are taken from it. */
  readonly stack: string
}

/** The stack of whoever called `rule`, `ping`, `watch` or `task`. */
export function stackOf(callee: (...args: never[]) => unknown): string {
  const holder: { stack?: string } = {}
  Error.captureStackTrace(holder, callee)
  return holder.stack ?? ''
}
