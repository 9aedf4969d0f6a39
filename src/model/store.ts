// The ports of the journal: what the broker and the engine may ask of it (`queries.ts` is for readers).
// Nothing outside of `journal/` knows that SQLite is behind them.

import type { Alert, AlertFlip, NotificationRecord, Silence } from './alert.ts'
import type { Behind } from './clock-behind.ts'
import type { ActionSpec, ProcessIdentity } from './action.ts'
import type { Event, EventHead, NewEvent, QoS } from './event.ts'
import type { JsonObject } from './json.ts'
import type { Outcome } from './outcome.ts'
import type { RulePause } from './rule-pause.ts'
import type { Run, RunState, Step, StepState } from './run.ts'
import type { Verdict } from './verdict.ts'

// ── broker → journal ─────────────────────────────────────────────────────────────────────────────

/** Stands for no event and no change: whoever waits for it to be committed goes on at once. */
export const AT_ONCE = 0

/**
 * The journal as the network thread sees it. All calls are synchronous. What is appended in one turn of the
 * event loop goes to the journal thread as one batch.
 */
export interface EventLog {
  /**
   * Takes an event and returns its id; the event is committed once `committedId` has reached that id. A
   * retained event also updates the retained message. Returns 0 when the journal is so far behind that it
   * skips the event (QoS 0 from a client, not retained). The event's bytes are copied before the call
   * returns, so the caller may reuse the buffer.
   */
  append(event: NewEvent): number
  /** The id of the newest event that was appended. */
  readonly lastId: number
  /** The id up to which every event has been committed. */
  readonly committedId: number
  /**
   * Calls the listener when `committedId` has risen, or when trouble is over; at most once per turn of the
   * loop.
   */
  onCommitted(listener: (committedId: number) => void): void
  /**
   * `true` while the journal is behind: publishers should not be read from until `onDrain`. QoS 0 events are
   * skipped meanwhile, and counted.
   */
  readonly congested: boolean
  onDrain(listener: () => void): void
  /** The number of events skipped since the start. */
  readonly skipped: number
  /**
   * The reason why commits fail at this moment (a full disk, an I/O error); `null` when they do not. Nothing
   * is acknowledged meanwhile.
   */
  readonly trouble: string | null
}

/** A retained message as it is stored. */
export interface RetainedMessage {
  readonly topic: string
  readonly event: number
  readonly at: number
  readonly payload: Uint8Array
  readonly qos: QoS
  readonly properties: Uint8Array | null
}

/** Retained messages that an operator names. */
export interface RetainedRange {
  /** A wildcard in the first level reaches what it reaches for a client. */
  readonly filter: string
  /** Only messages that were brought by this event or an earlier one. */
  readonly upTo: number
}

export interface ClearedRetained {
  readonly cleared: number
  /** Nothing is left that was to be cleared; `false`: ask again. */
  readonly isAll: boolean
}

/** The topic of a retained message, and the event that brought it. */
export type RetainedHead = Pick<RetainedMessage, 'topic' | 'event'>

/** A downtime: the time before a start in which no hub ran on the data folder. */
export interface Downtime {
  /** The last sign of life of the previous hub. After a crash it may be early by up to a heartbeat. */
  readonly fromAt: number
  /** The moment at which the new hub opened the journal. */
  readonly toAt: number
  /** `true` when the previous hub was stopped in order; `false` after a crash or a power cut. */
  readonly clean: boolean
  /**
   * Set when the clock was found to have been set before the start: moments stored up to event `afterEvent`
   * move by `byMs`.
   */
  readonly clockSet?: { readonly byMs: number; readonly afterEvent: number }
}

// ── engine → journal ─────────────────────────────────────────────────────────────────────────────

/**
 * The name under which a rule's joint firings (`together`) are remembered, by rule. Events pass to these states
 * from those of the rule's keys, so whoever looks for events that states hold reads these last.
 */
export const TOGETHER_STATES = '@together'

/** The state of a rule for one key, and the moment of its next wake. */
export interface RuleState {
  readonly rule: string
  readonly key: string
  /**
   * `null` forgets. A member called `event`, at any depth, is the id of an event that the rule will need
   * again, so that event is not pruned.
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
  /** The action, once the function of earlier results that makes it has been called. */
  readonly spec?: ActionSpec
  /**
   * The process that performs the step, so that it is found again if it outlives the hub. Absent: unchanged.
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

/** One decision of the engine. It is committed as a whole or not at all. */
export interface Change {
  /** The engine has evaluated all events up to this id. */
  readonly cursor?: number
  readonly newRuns?: readonly { readonly run: Run; readonly steps: readonly Step[] }[]
  /** Steps that were added to a run later (children of a deferred parallel, `onFailure`). */
  readonly newSteps?: readonly Step[]
  readonly runs?: readonly RunChange[]
  readonly steps?: readonly StepChange[]
  readonly verdicts?: readonly Verdict[]
  readonly ruleStates?: readonly RuleState[]
  readonly rulePauses?: readonly RulePause[]
  /** Pauses of which a version has been published and committed. */
  readonly rulePausesPublished?: readonly Pick<RulePause, 'rule' | 'version'>[]
  readonly alerts?: readonly Alert[]
  readonly alertFlips?: readonly AlertFlip[]
  /** Silences by name; `null` ends one. */
  readonly silences?: readonly { readonly name: string; readonly silence: Silence | null }[]
  readonly notifications?: readonly NotificationRecord[]
  /** Alerts of which a version has been published and committed. */
  readonly alertsPublished?: readonly { readonly key: string; readonly version: number }[]
  /**
   * Runs whose end has been published, and that event committed: they are not published again after a
   * restart.
   */
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

/** The events of one commit, handed to an engine with the word of it: at the head it need not read them back. */
export interface CommittedEvents {
  /** The newest event that was committed before them. */
  readonly after: number
  /** Oldest first. */
  readonly events: readonly Event[]
}

/** The word of a commit, as an engine gets it. */
export interface CommitNotice {
  /** The id up to which everything has been committed. */
  readonly committed: number
  /** Absent when they are many or large: then the engine reads them from the store. */
  readonly events?: CommittedEvents
}

/** The next events on the topics that were asked for. */
export interface Heard {
  /** Oldest first. */
  readonly events: readonly Event[]
  /** The id up to which there is no other event on these topics. */
  readonly upTo: number
  /** `true` when nothing has been committed after `upTo`. */
  readonly isAll: boolean
}

/** Reads of the engine, from its own read-only connection. */
export interface EngineReads {
  cursor(): number
  /** Committed events with `after < id`, oldest first, at most `limit`. */
  eventsAfter(after: number, limit: number): Event[]
  /**
   * Like `eventsAfter`, but only events whose topics `isHeard` accepts. The list ends with the event with
   * which the payloads have reached `bytes`.
   */
  heardAfter(after: number, limit: number, bytes: number, isHeard: (topic: string) => boolean): Heard
  event(id: number): Event | undefined
  eventHead(id: number): EventHead | undefined
  /**
   * The newest message known on a topic, with an id of at most `upTo`: an event, or the retained message when
   * the event has been pruned.
   */
  lastOn(topic: string, upTo: number): Event | undefined
  /** Topics of retained messages that begin with `prefix`, in order. */
  retainedUnder(prefix: string): string[]
  /** Runs that have not ended, oldest first. */
  openRunIds(): readonly number[]
  /** Runs that have ended, without a note that their end was published; oldest first, at most `limit`. */
  unannouncedRuns(limit: number): { readonly run: Run; readonly steps: readonly Step[] }[]
  run(id: number): { readonly run: Run; readonly steps: readonly Step[] } | undefined
  /** A run without its steps, which may be large. */
  runHead(id: number): Run | undefined
  lastRunId(): number
  /** Whether a run of this rule is dead. */
  hasDead(rule: string): boolean
  alert(key: string): Alert | undefined
  /** Every alert that is open, and those that a live notification names. */
  heldAlerts(): Alert[]
  /** Alerts of which the newest version may not have been published. */
  unpublishedAlerts(): Alert[]
  silences(): Silence[]
  /** Every notification of which something may still be told. */
  liveNotifications(): NotificationRecord[]
  ruleStates(): RuleState[]
  /** The newest pause of each rule that was ever paused, in the order of their names. */
  rulePauses(): RulePause[]
  /** Pauses of which the newest version may not have been published. */
  unpublishedRulePauses(): RulePause[]
  /** The topics of all retained messages, each with the event that brought it. */
  retainedHeads(): RetainedHead[]
  /** The time before each start, oldest first; none on a new folder. */
  downtimes(): Downtime[]
  /** By how much the clock of this hub is behind the time that the journal knows. */
  behind(): Behind
  close(): void
}
