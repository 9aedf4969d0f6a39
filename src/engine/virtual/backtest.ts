// Runs rules on recorded events, in virtual time, to show what they would have done. Every action succeeds at
// once and does nothing, so a message that a rule would have published does not come back; the messages that
// were recorded do. Rules begin without memory, as on a new folder: what a hold or a dedupe remembered from
// before the first event is not known here.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { ManualClock } from '../../base/clock.ts'
import { NO_ALERT_SETTINGS } from '../../model/alert-settings.ts'
import type { ActionSpec } from '../../model/action.ts'
import { describeAction } from '../../model/action-words.ts'
import type { Event } from '../../model/event.ts'
import { pauseTopic } from '../../model/pause.ts'
import type { Run } from '../../model/run.ts'
import type { Change, EngineReads } from '../../model/store.ts'
import type { Stage } from '../../model/verdict.ts'
import { ruleSet } from '../../rules/compile/rule-set.ts'
import type { RuleSet } from '../../rules/compile/rule-set.ts'
import type { UserCode } from '../contain/user-code.ts'
import { StandIns } from './stand-ins.ts'
import { VirtualEngine } from './virtual-engine.ts'

export interface BacktestQuery {
  readonly since: number
  readonly until: number
  /** Only rules of these files, as people write them (`rules/door.ts`); all if absent. */
  readonly files?: readonly string[]
  /** Only rules of these names. */
  readonly names?: readonly string[]
  /** At most so many events, the newest; all if absent. */
  readonly mostEvents?: number
  /** How long it may take; after that the events that are left are not looked at. As long as it takes if absent. */
  readonly longestMs?: number
}

export interface BacktestReport {
  /** The number of recorded events that were read. */
  readonly events: number
  /** The id of the first of these events. */
  readonly firstEvent: number
  readonly rules: readonly string[]
  /**
   * The runs that would have been planned, in that order: for each its rule (a position in `rules`) and its
   * event.
   */
  readonly runs: { readonly rule: Uint32Array; readonly event: Float64Array }
  /** The last runs, oldest first, with what they would have done; at most `MOST_TOLD`. */
  readonly last: readonly ToldRun[]
  /** The moment up to which events were looked at: before `until` when the time was up. */
  readonly upTo: number
  /** Events since `since` were left out, because they were too many. */
  readonly isCut: boolean
  /** For each rule, how often each stage decided. */
  readonly stages: Readonly<Record<string, Partial<Record<Stage, number>>>>
  /** The first error of each rule. */
  readonly errors: readonly { readonly rule: string; readonly event: number; readonly reason: string }[]
}

/** A run that would have been planned. */
export interface ToldRun {
  readonly rule: string
  readonly key: string
  readonly event: number
  readonly at: number
  /** What its steps would have done, in words; `null` for a function of earlier results that was not called. */
  readonly steps: readonly (string | null)[]
}

const BATCH = 1_024
/** Runs that are told with their steps. */
const MOST_TOLD = 100

export async function backtest(
  all: RuleSet,
  reads: EngineReads,
  { since, until, files, names, mostEvents = Infinity, longestMs = Infinity }: BacktestQuery,
  userCode: UserCode,
  progress: (events: number, of: number) => void,
): Promise<BacktestReport> {
  const chosen = all.rules.filter(
    ({ file, name }) => (files?.includes(file) ?? true) && (names?.includes(name) ?? true),
  )
  const rules = ruleSet(all.root, chosen)
  const tally = new Tally(chosen.map(({ name }) => name))
  const clock = new ManualClock(since)
  const standIns = new StandIns()
  const engine = new VirtualEngine({
    rules,
    clock,
    userCode,
    reads: {
      event: (id) => reads.event(id),
      eventHead: (id) => reads.eventHead(id),
      lastOn: (topic, upTo) => reads.lastOn(topic, upTo),
      openRunIds: () => [],
      run: () => undefined,
      runHead: () => undefined,
      ruleStates: () => [],
      lastRunId: () => 0,
      downtimes: () => [],
      alert: () => undefined,
      heldAlerts: () => [],
      silences: () => [],
      liveNotifications: () => [],
      // A backtest asks what a rule would have done, paused or not.
      rulePauses: () => [],
    },
    perform: async (claim) => standIns.outcome(claim) ?? { kind: 'done', result: {} },
    commit: (change) => tally.take(change),
    ended: () => {},
    deadLetter: () => {},
    // What rules would have raised goes no further: nobody is told.
    alerts: NO_ALERT_SETTINGS,
    alertChanged: () => {},
    rulePauseChanged: () => {},
    resumed: () => {},
  })
  const finish = (): Promise<void> | undefined => (engine.isBusy ? engine.finish() : undefined)
  const last = lastId(reads)
  const wanted = firstSince(reads, since)
  const first = Math.max(wanted, last - mostEvents + 1)
  const end = performance.now() + longestMs
  let upTo = until
  let isOver = false
  const pauses = pauseTopic(all.root)
  const hand = async (event: Event): Promise<void> => {
    // An event that no rule reads changes nothing: what falls due before it falls due before the next one
    // that is read.
    const isHeard = event.topic === pauses || rules.matching(event.topic).length > 0
    if (!event.recorded || !isHeard) return
    if (engine.nextAt <= event.at) await engine.goTo(event.at, finish)
    else clock.advance(Math.max(0, event.at - clock.now()))
    engine.take(event)
    if (engine.isBusy) await engine.finish()
  }
  let events = 0
  for (let cursor = first - 1; cursor < last && !isOver;) {
    const batch = reads.eventsAfter(cursor, BATCH)
    if (batch.length === 0) break
    for (const event of batch) {
      cursor = event.id
      if (event.at <= until) {
        events++
        await hand(event)
      }
      // A rule may take seconds for one event.
      isOver = cursor < last && performance.now() > end
      if (!isOver) continue
      upTo = Math.min(until, event.at)
      break
    }
    engine.commit()
    progress(cursor - first + 1, last - first + 1)
    await nextTurn()
  }
  await engine.goTo(upTo, finish)
  engine.commit()
  return { events, firstEvent: first, upTo, isCut: first > wanted, ...tally.report() }
}

/** Counts what an engine decides. */
class Tally {
  readonly #rules: readonly string[]
  readonly #places: ReadonlyMap<string, number>
  readonly #runs: { readonly rule: number; readonly event: number }[] = []
  /** The last runs by their ids, oldest first, with the specs of their steps by path. */
  readonly #last = new Map<number, { readonly run: Run; readonly specs: Map<string, ActionSpec | null> }>()
  readonly #stages: Record<string, Partial<Record<Stage, number>>> = {}
  readonly #errors = new Map<string, BacktestReport['errors'][number]>()

  constructor(rules: readonly string[]) {
    this.#rules = rules
    this.#places = new Map(rules.map((rule, place) => [rule, place]))
  }

  take({ newRuns = [], steps = [], verdicts = [] }: Change): void {
    for (const { run } of newRuns) this.#runs.push({ rule: this.#places.get(run.rule)!, event: run.event })
    for (const { run, steps: planned } of newRuns.slice(-MOST_TOLD))
      this.#last.set(run.id, { run, specs: new Map(planned.map(({ path, spec }) => [path, spec])) })
    for (const id of [...this.#last.keys()].slice(0, -MOST_TOLD)) this.#last.delete(id)
    for (const { run, path, spec } of steps) if (spec) this.#last.get(run)?.specs.set(path, spec)
    for (const { rule, event, stage, reason } of verdicts) {
      const stages = (this.#stages[rule] ??= {})
      stages[stage] = (stages[stage] ?? 0) + 1
      if (stage === 'error' && !this.#errors.has(rule)) this.#errors.set(rule, { rule, event, reason })
    }
  }

  report(): Omit<BacktestReport, 'events' | 'firstEvent' | 'upTo' | 'isCut'> {
    return {
      rules: this.#rules,
      runs: {
        rule: Uint32Array.from(this.#runs, ({ rule }) => rule),
        event: Float64Array.from(this.#runs, ({ event }) => event),
      },
      last: Array.from(this.#last.values(), toldRun),
      stages: this.#stages,
      errors: [...this.#errors.values()],
    }
  }
}

const toldRun = ({
  run,
  specs,
}: {
  readonly run: Run
  readonly specs: ReadonlyMap<string, ActionSpec | null>
}): ToldRun => ({
  rule: run.rule,
  key: run.key,
  event: run.event,
  at: run.plannedAt,
  steps: Array.from(specs.values(), (spec) => spec && describeAction(spec)),
})

/**
 * Returns the id of the first event from a moment on. After a clock that was set back, a few earlier ones may
 * follow.
 */
function firstSince(reads: Pick<EngineReads, 'eventsAfter'>, at: number): number {
  let [low, high] = [1, lastId(reads) + 1]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const [event] = reads.eventsAfter(middle - 1, 1)
    if (event === undefined || event.at >= at) high = middle
    else low = event.id + 1
  }
  return low
}

/** Searches by doubling and bisection: ids ascend, with holes where events were pruned. */
function lastId(reads: Pick<EngineReads, 'eventsAfter'>): number {
  const isBeyond = (id: number): boolean => reads.eventsAfter(id, 1).length === 0
  let high = 1
  while (!isBeyond(high)) high *= 2
  let low = 0
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (isBeyond(middle)) high = middle
    else low = middle + 1
  }
  return low
}
