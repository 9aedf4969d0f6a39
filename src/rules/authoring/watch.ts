// `watch(name, { process, cpu, …, do })` declares processes of this machine that the hub looks at. A process
// that meets every condition is reported under `<root>/process/<name>/<pid>`, and `do` is a rule on those
// reports.

import type { Duration, Size } from '../../base/quantities.ts'
import type { ProcessReport } from '../../model/process.ts'
import type { Actions } from './actions/action.ts'
import type { Context } from '../context/context.ts'
import { DECLARATION, stackOf } from './declared.ts'
import type { Declared } from './declared.ts'
import type { SelectorOptions } from './actions/selector.ts'

export interface Watch extends Declared {
  readonly [DECLARATION]: 'watch'
  readonly definition: WatchOptions
}

export interface WatchOptions {
  /** Which processes are looked at: all that is given must hold. By default every process. */
  readonly process?: SelectorOptions
  readonly state?: 'zombie'
  /** CPU use in percent of one core. */
  readonly cpu?: { readonly above: number; readonly for?: Duration }
  readonly memory?: { readonly above: Size; readonly for?: Duration }
  readonly age?: { readonly above: Duration }
  /** More than this many processes are selected. */
  readonly count?: { readonly above: number; readonly for?: Duration }
  /** How long all conditions must hold without interruption. */
  readonly for?: Duration
  readonly do: (context: WatchContext) => Actions
}

export interface WatchContext extends Context<{ readonly pid: string }, ProcessReport> {
  /** The process as the hub saw it; `kill` and `reap` take it. */
  readonly process: ProcessReport
}

/**
 * Declares processes that the hub looks at, and what to do with those that meet every condition:
 * `watch('runaway', { process: { name: 'ffmpeg' }, cpu: { above: 90 }, for: '5m', do: ({ process }) =>
 * kill(process) })`. Export it from a rule file.
 */
export const watch = (name: string, definition: WatchOptions): Watch => ({
  [DECLARATION]: 'watch',
  name,
  definition,
  stack: stackOf(watch),
})
