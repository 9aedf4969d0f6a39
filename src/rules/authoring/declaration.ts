// A rule file exports declarations: rules, pings, watches, hosts, tasks and commands, as plain objects that
// name their kind. Making one checks nothing, so that a bad declaration spoils neither its file nor its neighbours; `compile`
// checks them all.

import { DECLARATION } from './declared.ts'
import type { Command } from './command.ts'
import type { Host } from './host.ts'
import type { Ping } from './ping.ts'
import type { Rule } from './rule.ts'
import type { Task } from './task.ts'
import type { Watch } from './watch.ts'

export type Declaration = Rule | Ping | Watch | Host | Task | Command

export const isDeclaration = (value: unknown): value is Declaration =>
  typeof value === 'object' && value !== null && DECLARATION in value
