// Backtests that a hub makes for those who ask it: in a process of their own that lets everything else go first,
// one at a time, with a bound of events and of time.

import type { BacktestReport } from '../virtual/backtest.ts'
import { inspectRules } from './inspect.ts'
import type { InspectOptions } from './inspect.ts'

/** The most events of one backtest, the newest. */
const MOST_EVENTS = 500_000
/** How long the events may take. Loading the rules comes before that. */
const LONGEST_MS = 20_000

export interface BacktestOrder {
  /** The name of the rule. */
  readonly rule: string
  /** Unix ms. */
  readonly since: number
  readonly until: number
}

export type BacktestAnswer =
  | { readonly kind: 'done'; readonly report: BacktestReport }
  /** Another one is being made. */
  | { readonly kind: 'busy' }
  /** The rules as they are saved declare no such rule; what did not load of them. */
  | { readonly kind: 'unknown'; readonly failures: readonly string[] }

export type Backtest = (order: BacktestOrder) => Promise<BacktestAnswer>

export interface BacktestPorts extends Pick<InspectOptions, 'rulesDir' | 'root' | 'place'> {
  readonly dataDir: string
  readonly mostEvents?: number
  readonly longestMs?: number
}

export function openBacktests(ports: BacktestPorts): Backtest {
  const { dataDir, mostEvents = MOST_EVENTS, longestMs = LONGEST_MS, ...hub } = ports
  let isBusy = false
  return async ({ rule, since, until }) => {
    if (isBusy) return { kind: 'busy' }
    isBusy = true
    try {
      return await inspectRules({ ...hub, isPatient: true }, async (loaded, inspector) => {
        if (!loaded.rules.includes(rule)) return { kind: 'unknown', failures: loaded.failures }
        const query = { since, until, names: [rule], mostEvents, longestMs }
        return { kind: 'done', report: await inspector.backtest(query, dataDir) }
      })
    } finally {
      isBusy = false
    }
  }
}
