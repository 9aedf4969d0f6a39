// The ports of the journal: what the broker, the engine and the readers may ask of it. Nothing outside of
// `journal/` knows that SQLite is behind them.

import type { Behind } from './clock-behind.ts'
import type { ActionSpec, ProcessIdentity } from './action.ts'
import type { Event, EventHead, NewEvent, QoS } from './event.ts'
import type { JsonObject } from './json.ts'
import type { Outcome } from './outcome.ts'
import type { Attempt, Run, RunState, Step, StepState } from './run.ts'
import type { Verdict } from './verdict.ts'

// ── broker → journal ─────────────────────────────────────────────────────────────────────────────

/** The id of no event, and the mark of no change: whoever waits for it to be committed goes on at once. */
export const AT_ONCE = 0

/**
 * The journal as the network thread sees it. All calls are synchronous; what one turn of the loop gathers
 * travels as one batch.
 */
export interface EventLog {
  /**
   * Takes an event and returns its id. It is in the history once `committedId` has reached that id. A
   * retained event updates the retained message too. 0 when the journal is so far behind that it skips the
   * event (QoS 0 from a client, not retained). The event's bytes are copied before the call returns: they may
   * lie in a buffer that is read into next.
   */
  append(event: NewEvent): number
  /** The id that was given last. */
  readonly lastId: number
  /** Every event up to this id has been committed. */
  readonly committedId: number
  /** Calls back when `committedId` has risen, or trouble is over; at most once per turn of the loop. */
  onCommitted(listener: (committedId: number) => void): void
  /**
   * The journal is behind: publishers should not be read from until `onDrain`. QoS 0 events are skipped
   * meanwhile, and counted.
   */
  readonly congested: boolean
  onDrain(listener: () => void): void
  /** Events skipped since the start. */
  readonly skipped: number
  /**
   * Set while commits fail (a full disk, an I/O error); `null` when all is well. Nothing is acknowledged
   * meanwhile.
   */
  readonly trouble: string | null
}

/** A retained message as it was left. */
export interface RetainedMessage {
  readonly topic: string
  readonly event: number
  readonly at: number
  readonly payload: Uint8Array
  readonly qos: QoS
  readonly properties: Uint8Array | null
}

/** Which event brought the retained message of a topic. */
export type RetainedHead = Pick<RetainedMessage, 'topic' | 'event'>

/** The time before this start in which no hub watched over the folder. */
export interface Downtime {
  /** The last sign of life of the hub before this one: up to a heartbeat early after a crash. */
  readonly fromAt: number
  /** When this hub opened the journal. */
  readonly toAt: number
  /** The hub before was stopped in order; `false` after a crash or a power cut. */
  readonly clean: boolean
  /**
   * The clock was found set at the start: moments stored before move by so much, after the event that was the
   * last then.
   */
  readonly clockSet?: { readonly byMs: number; readonly afterEvent: number }
}

// ── engine → journal ─────────────────────────────────────────────────────────────────────────────

/** The state of a rule for one key, with the one moment at which it wants to be woken. */
export interface RuleState {
  readonly rule: string
  readonly key: string
  /**
   * `null` forgets. What is called `event` in it, however deep, is the id of an event that is needed again:
   * it is not pruned.
   */
  readonly state: JsonObject | null
  /** Unix ms of the next wake; `null` for none. */
  readonly wakeAt: number | null
}

export interface StepChange {
  readonly run: number
  readonly path: string
  readonly state: StepState
  readonly attempt: number
  readonly cutOffs: number
  readonly wakeAt: number | null
  readonly startedAt: number | null
  readonly endedAt: number | null
  readonly outcome: Outcome | null
  /** Given when a function of earlier results has been called. */
  readonly spec?: ActionSpec
  /**
   * Process that performs it, so that one which outlives the hub is found again; absent leaves it as it was.
   */
  readonly process?: ProcessIdentity | null
}

export interface RunChange {
  readonly id: number
  readonly state: RunState
  readonly startedAt: number | null
  readonly endedAt: number | null
  readonly reason: string | null
}

/** One decision of the engine: committed whole, or not at all. */
export interface Change {
  /** The engine has taken all events up to this id. */
  readonly cursor?: number
  readonly newRuns?: readonly { readonly run: Run; readonly steps: readonly Step[] }[]
  /** Steps that a run gained later (children of a deferred parallel, `onFailure`). */
  readonly newSteps?: readonly Step[]
  readonly runs?: readonly RunChange[]
  readonly steps?: readonly StepChange[]
  readonly verdicts?: readonly Verdict[]
  readonly ruleStates?: readonly RuleState[]
  /** Runs whose end has been published and committed: they are not published again after a restart. */
  readonly announced?: readonly number[]
}

/**
 * Writes of the engine, served by the journal thread: the promise resolves after COMMIT, in the order of the
 * calls. A change that the store refuses rejects, alone. The first commit of an engine ends all engines
 * before it: what they commit from then on is rejected, so an engine commits (if only `{}`) before it reads
 * where to go on.
 */
export interface EngineJournal {
  commit(change: Change): Promise<void>
}

/** The next events on some topics. */
export interface Heard {
  /** Oldest first. */
  readonly events: readonly Event[]
  /** No other event up to here is on one of those topics. */
  readonly upTo: number
  /** And nothing is committed after that. */
  readonly isAll: boolean
}

/** Reads of the engine, from its own read-only connection. */
export interface EngineReads {
  cursor(): number
  /** Committed events with `after < id`, oldest first, at most `limit`. */
  eventsAfter(after: number, limit: number): Event[]
  /**
   * Of these, the next on topics that somebody hears, none after that with which their payloads have come to
   * `bytes`.
   */
  heardAfter(after: number, limit: number, bytes: number, isHeard: (topic: string) => boolean): Heard
  event(id: number): Event | undefined
  eventHead(id: number): EventHead | undefined
  /**
   * The newest known message on a topic with an id up to `upTo`: an event, or what is retained when that has
   * been forgotten.
   */
  lastOn(topic: string, upTo: number): Event | undefined
  /** Topics of retained messages that begin with this, in order. */
  retainedUnder(prefix: string): string[]
  /** Runs that have not ended, oldest first. */
  openRunIds(): readonly number[]
  /** Runs that have ended without a word that their end was published, oldest first, at most `limit`. */
  unannouncedRuns(limit: number): { readonly run: Run; readonly steps: readonly Step[] }[]
  run(id: number): { readonly run: Run; readonly steps: readonly Step[] } | undefined
  /** Without its steps, which may be large. */
  runHead(id: number): Run | undefined
  lastRunId(): number
  ruleStates(): RuleState[]
  /** Which messages are retained. */
  retainedHeads(): RetainedHead[]
  /** The time before each start, oldest first; none on a new folder. */
  downtimes(): Downtime[]
  /** How far the clock of the hub that runs is behind the time that the journal knows. */
  behind(): Behind
  close(): void
}

// ── readers → journal ────────────────────────────────────────────────────────────────────────────

export interface HistoryQuery {
  /** An MQTT topic filter; absent means everything. */
  readonly filter?: string
  readonly since?: number
  readonly until?: number
  /** Only events before this id: the page after one whose oldest event has this id. */
  readonly before?: number
  /** At most this many, newest first. */
  readonly limit: number
  /**
   * None after the one with which the payloads have this many bytes together: a page may be shorter than its
   * limit.
   */
  readonly bytes?: number
}

export interface RunsQuery {
  readonly rule?: string
  readonly state?: RunState
  readonly since?: number
  readonly before?: number
  readonly limit: number
}

/** Events of one hour, as they were recorded: pruning them later does not change the count. */
export interface HourCount {
  /** The beginning of the hour, Unix ms. */
  readonly at: number
  readonly events: number
  /** Bytes of the payloads together. */
  readonly bytes: number
}

export interface CountsQuery {
  readonly filter?: string
  readonly since: number
  readonly until: number
}

export interface StoreTotals {
  readonly events: number
  readonly oldestEventAt: number | null
  readonly lastEventId: number
  readonly cursor: number
  readonly runs: Readonly<Record<RunState, number>>
  readonly databaseBytes: number
}

/** Read-only questions; answered from any thread or process, while the hub runs or not. */
export interface Queries {
  history(query: HistoryQuery): Event[]
  event(id: number): Event | undefined
  /** Returns the events that still exist, oldest first. */
  eventsOf(ids: readonly number[]): Event[]
  runs(query: RunsQuery): Run[]
  run(id: number): { readonly run: Run; readonly steps: readonly Step[] } | undefined
  /** Every attempt of every step of a run, in the order of steps and attempts. */
  attemptsOf(run: number): Attempt[]
  runsOf(event: number): Run[]
  verdictsOf(event: number): Verdict[]
  /** Events that name this one, or this run, as their cause. */
  consequencesOf(event: number): Event[]
  /**
   * Recorded events per hour, hours without any left out, oldest first. Whole hours: those that `since` and
   * `until` fall into count in full.
   */
  counts(query: CountsQuery): HourCount[]
  totals(): StoreTotals
  close(): void
}
