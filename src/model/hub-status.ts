// The status of the hub, as `/api/status` and `vigie status` give it.

import type { BridgeStatus } from './bridge.ts'
import type { Health } from './health.ts'
import type { PingStatus } from './probe.ts'
import type { StoreTotals } from './queries.ts'
import type { RulePauseReport } from './rule-pause.ts'
import type { WatchStatus } from './watch.ts'

export interface HubStatus {
  readonly version: string
  readonly pid: number
  /** Unix ms. */
  readonly startedAt: number
  readonly health: Health
  readonly broker: BrokerFigures
  readonly engine: EngineStatus
  readonly http: HttpFigures
  readonly bridges: readonly BridgeStatus[]
  /** Rules that people have paused. */
  readonly paused: readonly RulePauseReport[]
  readonly store: StoreTotals
}

/** Streams of events over HTTP. */
export interface HttpFigures {
  /** Those that are open. */
  readonly streams: number
  /** Those that were ended because their reader took nothing for too long. */
  readonly cutOff: number
}

/** The figures on which every reader may count; the broker gives more. */
interface BrokerFigures {
  readonly connections: number
  readonly sessions: number
  readonly subscriptions: number
  readonly retained: number
  readonly publishesReceived: number
  readonly publishesSent: number
  readonly bytesReceived: number
  readonly bytesSent: number
  readonly refusedConnects: number
  readonly protocolErrors: number
  readonly failedLogins: number
  readonly deniedSubscriptions: number
  /** Messages that somebody did not get, by the reason why. */
  readonly dropped: Readonly<Record<string, number>>
}

export interface EngineStatus {
  /** `waiting`: until the rules can be read, no engine is in charge and no event is looked at. */
  readonly state: 'running' | 'waiting' | 'restarting' | 'stopped'
  /** Counts the engines that have been in charge since the hub started, this one included. */
  readonly generation: number
  /** The number of these engines that replaced one which had died. */
  readonly restarts: number
  /** Sentences on rule files that did not load. */
  readonly failures: readonly string[]
  /** Rules that are quarantined until rules are saved again. */
  readonly quarantined: readonly string[]
  /** The number of events that the engine has yet to evaluate; `null` as for `now`. */
  readonly behind: number | null
  /** `null` while there is no engine, or it does not answer. */
  readonly now: EngineAtWork | null
}

export interface EngineAtWork {
  /** The names of the rules in force; a watch is a rule as well. */
  readonly rules: readonly string[]
  readonly pings: readonly PingStatus[]
  readonly watches: readonly WatchStatus[]
  /** The names of the commands. */
  readonly commands: readonly string[]
  /** The cursor: the engine has evaluated all events up to this one. */
  readonly cursor: number
  /**
   * The end of a sentence that says why the engine evaluates no more events until some of its steps are done;
   * `null` when it does.
   */
  readonly heldBack: string | null
  readonly openRuns: number
  readonly stepsUnderWay: number
  readonly stepsQueued: number
}
