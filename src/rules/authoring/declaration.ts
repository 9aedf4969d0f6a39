// What a rule file exports: rules, pings and watches, as plain objects that say which of these they are.
// Nothing is checked when they are made, so that one bad declaration spoils neither its file nor its
// neighbours; `compile` checks.

import { DECLARATION } from './declared.ts'
import type { Ping } from './ping.ts'
import type { Rule } from './rule.ts'
import type { Watch } from './watch.ts'

export type Declaration = Rule | Ping | Watch

export const isDeclaration = (value: unknown): value is Declaration =>
  typeof value === 'object' && value !== null && DECLARATION in value
