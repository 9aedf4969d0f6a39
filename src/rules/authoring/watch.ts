// `watch(name, { process, cpu, …, do })` declares processes of this machine that the hub looks at. A process
// that meets every condition is reported under `<root>/process/<name>/<pid>`, too few processes as
// `<root>/process/<name>/missing`; `do` is a rule on those reports.

import type { Duration, Size } from '../../base/quantities.ts'
import type { ProcessReport } from '../../model/process.ts'
import type { ShortageReport, WatchedState } from '../../model/watch.ts'
import type { Actions } from './actions/action.ts'
import type { Context } from '../context/context.ts'
import { DECLARATION, stackOf } from './declared.ts'
import type { Declared } from './declared.ts'
import type { OnHostOptions } from './host.ts'
import type { SelectorOptions } from './actions/selector.ts'

export interface Watch extends Declared {
  readonly [DECLARATION]: 'watch'
  readonly definition: WatchOptions | ShortageOptions
}

/** Finds processes. Every condition that is given must hold. */
export interface WatchOptions extends OnHostOptions {
  /** Which processes are looked at: all that is given must hold. By default every process. */
  readonly process?: SelectorOptions
  /** `zombie`; `waiting` without heeding signals (`D` of ps); `stopped` by a signal or a debugger. */
  readonly state?: WatchedState
  /** `true`: the process has outlived the one that started it, and process 1 or systemd has taken it over. */
  readonly orphan?: boolean
  /** CPU use in percent of one core. */
  readonly cpu?: { readonly above: number; readonly for?: Duration }
  readonly memory?: { readonly above: Size; readonly for?: Duration }
  /** Open file descriptors. Of a process of another user only root can count them. */
  readonly files?: { readonly above: number; readonly for?: Duration }
  /** Children that have ended and that the process does not reap: finds the parent of zombies. */
  readonly zombies?: { readonly above: number; readonly for?: Duration }
  readonly age?: { readonly above: Duration }
  /** More than this many processes are selected: those beyond it, the youngest, are found. */
  readonly count?: { readonly above: number; readonly for?: Duration }
  /** How long all conditions must hold without interruption. */
  readonly for?: Duration
  /** What to do with each process that is found, once. */
  readonly do: (context: WatchContext) => Actions
}

/** Finds that too few processes run. */
export interface ShortageOptions extends OnHostOptions {
  readonly process: SelectorOptions
  /** Fewer than this many processes are selected: `{ below: 1 }` for none. */
  readonly count: { readonly below: number; readonly for?: Duration }
  /** How long too few must run without interruption. */
  readonly for?: Duration
  /**
   * How often `do` is asked, and how long the pauses between are: from `min` (10 s by default), doubled each
   * time, up to `max` (5 m by default). After `attempts` (5 by default) the watch gives up. Once enough have
   * run for `max`, the attempts are counted from the start.
   */
  readonly retry?: { readonly attempts?: number; readonly min?: Duration; readonly max?: Duration }
  /** What to do about it, such as `restart`. */
  readonly do: (context: ShortageContext) => Actions
  /** What to do when the last attempt did not help. By default the hub logs it. */
  readonly onGiveUp?: (context: ShortageContext) => Actions
  /** What to do when enough run again after `do` was asked. */
  readonly onBack?: (context: ShortageContext) => Actions
}

export interface WatchContext extends Context<{ readonly pid: string }, ProcessReport> {
  /** The process as the hub saw it; `kill`, `renice` and `reap` take it. */
  readonly process: ProcessReport
}

export interface ShortageContext extends Context<{ readonly pid: string }, ShortageReport> {
  /** How many run, and the number of this attempt. */
  readonly missing: ShortageReport
}

/**
 * Declares processes that the hub looks at, and what to do with those that meet every condition, or when too
 * few run: `watch('runaway', { process: { name: 'ffmpeg' }, cpu: { above: 90 }, for: '5m', do: ({ process })
 * => kill(process) })`. Export it from a rule file.
 */
export function watch(name: string, definition: ShortageOptions): Watch
export function watch(name: string, definition: WatchOptions): Watch
export function watch(name: string, definition: WatchOptions | ShortageOptions): Watch {
  return { [DECLARATION]: 'watch', name, definition, stack: stackOf(watch) }
}
