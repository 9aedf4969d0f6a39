// What a rule file exports: rules, pings and watches, as plain objects that say which of these they are. Nothing is checked when
// they are made, so that one bad declaration spoils neither its file nor its neighbours; `compile` checks.

import type { PingOptions } from './ping.ts'
import type { RuleDefinition } from './rule.ts'
import type { WatchOptions } from './watch.ts'

/** By name, so that a second copy of this package is understood too. */
export const DECLARATION: unique symbol = Symbol.for('vigie.declaration')

interface Declared {
  readonly name: string
  /** Where it was made, to name the line: a stack. */
  readonly stack: string
}
export interface Rule extends Declared {
  readonly [DECLARATION]: 'rule'
  readonly definition: RuleDefinition
}
export interface Ping<Name extends string = string> extends Declared {
  readonly [DECLARATION]: 'ping'
  readonly name: Name
  readonly definition: PingOptions
}
export interface Watch extends Declared {
  readonly [DECLARATION]: 'watch'
  readonly definition: WatchOptions
}
export type Declaration = Rule | Ping | Watch

export const isDeclaration = (value: unknown): value is Declaration =>
  typeof value === 'object' && value !== null && DECLARATION in value

/** The stack of whoever called `rule`, `ping` or `watch`. */
export function stackOf(callee: (...args: never[]) => unknown): string {
  const holder: { stack?: string } = {}
  Error.captureStackTrace(holder, callee)
  return holder.stack ?? ''
}
