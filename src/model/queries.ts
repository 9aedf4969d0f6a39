// What may be asked about the history, the runs and the alerts in a journal: read only, from any thread or
// process, while the hub runs or not.

import type { Alert, AlertFlip, AlertState, NotificationRecord, Silence } from './alert.ts'
import type { OwedRetained } from './bridge.ts'
import type { Event, Origin, QoS } from './event.ts'
import type { RulePause } from './rule-pause.ts'
import type { RuleFigures } from './rule-view.ts'
import type { Attempt, Run, RunState, Step } from './run.ts'
import type { RetainedMessage } from './store.ts'
import type { Story, StorySubject } from './story.ts'
import type { Stage, Verdict } from './verdict.ts'

/** Which events: those for which every given condition holds. */
export interface EventConditions {
  /** An MQTT topic filter; absent means everything. */
  readonly filter?: string
  readonly since?: number
  readonly until?: number
  readonly origin?: Origin
  /** The client id of the publisher. */
  readonly client?: string
  /** A text whose UTF-8 bytes are somewhere in the payload; upper and lower case differ. */
  readonly contains?: string
  /** A condition on a payload of JSON, such as `$.battery < 20`; see `parseJsonCondition`. */
  readonly jsonPath?: string
}

export interface HistoryQuery extends EventConditions {
  /** Returns only events before this id. For the next page, give the id of the oldest event of this one. */
  readonly before?: number
  /** The number of events to return at most, newest first. */
  readonly limit: number
  /**
   * The list ends with the event with which the payloads have reached this many bytes, so a page may be
   * shorter than its limit.
   */
  readonly bytes?: number
}

/** A page of a long look through the history. What one page costs is bounded by `looks`. */
export interface HistoryPageQuery extends HistoryQuery {
  /** Oldest first, only events after this id, and `before` is not used; absent: newest first. */
  readonly after?: number
  /** How many events are looked at for one page at most, about; absent: any number. */
  readonly looks?: number
}

export interface HistoryPage {
  readonly events: Event[]
  /** The id to give as `before` (or as `after`) for the next page, also when no event was found. */
  readonly reached: number
  /** Whether nothing is left beyond `reached` at this moment. */
  readonly isAll: boolean
}

export interface RetainedQuery {
  readonly filter: string
  /** The first level of the hub's own topics, if wildcards in the first level leave them out. */
  readonly hiddenRoot: string | null
  /** Only topics after this one: the page after one whose last topic it is. */
  readonly after?: string
  readonly limit: number
  /** See `HistoryQuery`. */
  readonly bytes?: number
}

export interface RetainedCount {
  readonly count: number
  /** The newest event that brought one of the messages; 0 for none. */
  readonly upTo: number
}

/** Which topics: those for which every given condition holds. */
export interface TopicsQuery {
  /** An MQTT topic filter. */
  readonly filter?: string
  /** Words that all stand in the name of the topic, in upper or lower case. */
  readonly text?: string
  /** Only topics after this one: the page after one whose last topic it is. */
  readonly after?: string
  readonly limit: number
  /** See `HistoryQuery`. */
  readonly bytes?: number
}

/** A topic on which something was published. */
export interface TopicStatus {
  readonly topic: string
  /** How many events were recorded on it, those that are forgotten since included. */
  readonly events: number
  /** The newest message on it; `null` when the history has forgotten it and nothing is retained. */
  readonly last: Event | null
  readonly retained: boolean
}

export interface TopicsPage {
  readonly topics: TopicStatus[]
  /** Whether this page is the last one. */
  readonly isAll: boolean
}

export interface VerdictsQuery {
  readonly rule?: string
  readonly stage?: Stage
  readonly since?: number
  /** Only verdicts on events before this one. */
  readonly before?: number
  readonly limit: number
}

export interface VerdictsPage {
  readonly verdicts: Verdict[]
  /** Whether this page is the last one. */
  readonly isAll: boolean
}

export interface RunsQuery {
  readonly rule?: string
  readonly key?: string
  /** The event that fired it. */
  readonly event?: number
  readonly state?: RunState
  readonly since?: number
  readonly until?: number
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

export interface LastEventsQuery {
  readonly topics: readonly string[]
  /** So many bytes of each payload. */
  readonly bytes: number
}

/** The newest event of a topic, with the first bytes of its payload. */
export interface LastEvent {
  readonly topic: string
  readonly event: number
  /** Unix ms. */
  readonly at: number
  readonly qos: QoS
  readonly retain: boolean
  readonly payload: Uint8Array
  /** Length of the whole payload. */
  readonly bytes: number
}

export interface PayloadSearch {
  /** Only topics after this one, in the order of their names; empty: from the first on. */
  readonly after: string
  /** How many topics are looked at. */
  readonly limit: number
  /** What the last payload of a topic is to contain, in letters of either case. */
  readonly text: string
}

export interface PayloadsFound {
  readonly topics: readonly string[]
  /** The last topic that was looked at: the `after` of the next page. `null`: it was the last one. */
  readonly after: string | null
}

export interface CountsQuery {
  readonly filter?: string
  readonly since: number
  readonly until: number
}

export interface HistogramQuery {
  readonly filter?: string
  readonly since: number
  readonly until: number
  /** About how many steps, at most. */
  readonly bars: number
}

/** Recorded events in steps of time. */
export interface Histogram {
  /** When the first step begins, Unix ms. */
  readonly from: number
  readonly stepMs: number
  /** Events of each step. */
  readonly counts: readonly number[]
}

export interface AlertsQuery {
  /** Only those in one of these states. */
  readonly states?: readonly AlertState[]
  readonly limit: number
}

/** An alert with its past, and with what is told of it. */
export interface AlertStory {
  readonly alert: Alert
  /** Oldest first. */
  readonly flips: readonly AlertFlip[]
  readonly notifications: readonly NotificationRecord[]
}

export interface BridgeQuery {
  readonly bridge: string
  /** Local filters: what goes out. */
  readonly filters: readonly string[]
  /** See `RetainedQuery`. */
  readonly hiddenRoot: string | null
  /** The newest event that the bridge has looked at. */
  readonly after: number
  readonly limit: number
  /** See `HistoryQuery`. */
  readonly bytes: number
}

/** An event on its way over a bridge. */
export interface BridgedEvent extends Event {
  /**
   * The MQTT 5 properties of the event at the root of its chain of causes; absent when it has no cause.
   */
  readonly root?: Uint8Array | null
}

export interface BridgePage {
  /** Oldest first. */
  readonly events: readonly BridgedEvent[]
  /** The id up to which there is no other event on these topics. */
  readonly upTo: number
  /** `true` when nothing has been committed after `upTo`. */
  readonly isAll: boolean
  /** Events that history forgot before the far side had acknowledged them, ever. */
  readonly lost: number
}

export interface StoreTotals {
  readonly events: number
  readonly oldestEventAt: number | null
  readonly lastEventId: number
  readonly cursor: number
  readonly runs: Readonly<Record<RunState, number>>
  readonly databaseBytes: number
}

/** Dead runs of one rule with one error. */
export interface DeadGroup {
  readonly rule: string
  /** The error, with `…` where its ids and numbers differ. */
  readonly error: string
  readonly count: number
  /** The error of the newest run, as it is. */
  readonly sample: string
  /** Their numbers, the newest first; at most 500. */
  readonly runs: readonly number[]
  readonly newest: number
  readonly oldest: number
  /** When the newest and the oldest of them died, Unix ms. */
  readonly lastAt: number
  readonly firstAt: number
}

/** What the rules have made of an event so far. */
export interface Consequences {
  /** The engine has evaluated the rules for it. */
  readonly isEvaluated: boolean
  readonly runs: readonly { readonly run: Run; readonly steps: readonly Step[] }[]
}

/** Read-only questions; answered from any thread or process, while the hub runs or not. */
export interface Queries {
  history(query: HistoryQuery): Event[]
  historyPage(query: HistoryPageQuery): HistoryPage
  event(id: number): Event | undefined
  /** Returns the events that still exist, oldest first. */
  eventsOf(ids: readonly number[]): Event[]
  /** Retained messages in the order of their topics. Those that have expired may be among them for a moment. */
  retained(query: RetainedQuery): RetainedMessage[]
  countRetained(query: Pick<RetainedQuery, 'filter' | 'hiddenRoot'>): RetainedCount
  /** In the order of their names. */
  topics(query: TopicsQuery): TopicsPage
  /** Where there are very many verdicts, only the newest are counted; `since` says which. */
  ruleFigures(query: { readonly rules: readonly string[]; readonly since: number }): {
    readonly since: number
    /** One for each rule, in the order in which they were named. */
    readonly figures: readonly RuleFigures[]
  }
  /** Newest event first. */
  verdicts(query: VerdictsQuery): VerdictsPage
  runs(query: RunsQuery): Run[]
  /** The largest group first. */
  deadGroups(): DeadGroup[]
  run(id: number): { readonly run: Run; readonly steps: readonly Step[] } | undefined
  /** Every attempt of every step of a run, in the order of steps and attempts. */
  attemptsOf(run: number): Attempt[]
  runsOf(event: number): Run[]
  consequences(event: number): Consequences
  verdictsOf(event: number): Verdict[]
  /** Events that name this one, or this run, as their cause. */
  consequencesOf(event: number): Event[]
  /** What led to an event or a run, and what followed; `undefined` when the store does not know it. */
  story(subject: StorySubject): Story | undefined
  /**
   * Recorded events per hour, oldest first, without the hours that have none. The hours that contain `since`
   * and `until` count in full.
   */
  counts(query: CountsQuery): HourCount[]
  /** Steps of less than an hour count the events within the time; others count whole hours. */
  histogram(query: HistogramQuery): Histogram
  /** Newest change of state first. */
  alerts(query: AlertsQuery): Alert[]
  alert(key: string): AlertStory | undefined
  /** The alerts that a notification is about, by its id; `undefined` when the store does not know it. */
  alertsToldBy(notification: string): Alert[] | undefined
  silences(): Silence[]
  /** The newest pause of each rule that was ever paused, in the order of their names. */
  rulePauses(): RulePause[]
  /** The next events that a bridge may have to send. */
  bridgePage(query: BridgeQuery): BridgePage
  /** Events that history forgot before the far side of a bridge had acknowledged them, ever. */
  bridgeLost(bridge: string): number
  /** Retained messages that the far side of a bridge may not have, in the order of their topics. */
  owedRetained(query: { readonly bridge: string; readonly limit: number }): OwedRetained[]
  totals(): StoreTotals
  /** The newest event of each of these topics that has one. */
  lastEvents(query: LastEventsQuery): LastEvent[]
  /** Looks through the last payloads of the next `limit` topics. */
  searchPayloads(query: PayloadSearch): PayloadsFound
  close(): void
}
