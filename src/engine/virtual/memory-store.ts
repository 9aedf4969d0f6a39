// The store of virtual time: a journal in memory. It holds what the engine decides as JSON, as the journal
// does, so a new engine finds what it would find after a restart. `test/contract/engine-reads.test.ts` holds
// its answers to the journal's.

import { isOpen } from '../../model/alert.ts'
import type { Alert, NotificationRecord, Silence } from '../../model/alert.ts'
import { headOf } from '../../model/event.ts'
import type { Event, EventHead } from '../../model/event.ts'
import type { RulePause } from '../../model/rule-pause.ts'
import { byPath } from '../../model/run.ts'
import type { Run, Step } from '../../model/run.ts'
import type { Behind } from '../../model/clock-behind.ts'
import type { Change, Downtime, EngineReads, RuleState } from '../../model/store.ts'
import type { Verdict } from '../../model/verdict.ts'

type RunWithSteps = { readonly run: Run; readonly steps: readonly Step[] }

export class MemoryStore implements Omit<EngineReads, 'close' | 'heardAfter' | 'retainedHeads'> {
  readonly #events: Event[] = []
  readonly #byTopic = new Map<string, Event[]>()
  readonly #runs = new Map<number, { run: string; readonly steps: Map<string, string> }>()
  readonly #states = new Map<string, string>()
  readonly #unannounced = new Set<number>()
  readonly #alerts = new Map<string, string>()
  readonly #published = new Map<string, number>()
  readonly #silences = new Map<string, string>()
  readonly #notifications = new Map<string, string>()
  readonly #rulePauses = new Map<string, string>()
  readonly #rulePausesPublished = new Map<string, number>()
  readonly #verdicts: Verdict[] = []
  #cursor = 0
  #lastRunId = 0
  readonly #downtimes: Downtime[] = []

  get events(): readonly Event[] {
    return this.#events
  }

  get verdicts(): readonly Verdict[] {
    return this.#verdicts
  }

  get runs(): readonly RunWithSteps[] {
    return [...this.#runs.keys()].map((id) => this.run(id)!)
  }

  append(event: Omit<Event, 'id'>): Event {
    const appended = { ...event, id: this.#events.length + 1 }
    this.#events.push(appended)
    const onTopic = this.#byTopic.get(appended.topic)
    if (onTopic) onTopic.push(appended)
    else this.#byTopic.set(appended.topic, [appended])
    return appended
  }

  /** Records a downtime for the next engine. */
  wasDown(downtime: Downtime): void {
    this.#downtimes.push(downtime)
  }

  commit(change: Change): void {
    this.#cursor = change.cursor ?? this.#cursor
    for (const { run, steps } of change.newRuns ?? []) {
      this.#runs.set(run.id, {
        run: JSON.stringify(run),
        steps: new Map(steps.map((step) => [step.path, JSON.stringify(step)])),
      })
      this.#lastRunId = Math.max(this.#lastRunId, run.id)
      if (run.endedAt !== null) this.#unannounced.add(run.id)
    }
    for (const step of change.newSteps ?? []) this.#change(step.run, step.path, step)
    for (const { id, ...changed } of change.runs ?? []) {
      const stored = this.#runs.get(id)!
      stored.run = merged(stored.run, changed)
      if (changed.endedAt === null) this.#unannounced.delete(id)
      else this.#unannounced.add(id)
    }
    for (const step of change.steps ?? []) this.#change(step.run, step.path, step)
    for (const state of change.ruleStates ?? []) this.#putState(state)
    this.#commitAlerts(change)
    for (const pause of change.rulePauses ?? []) this.#rulePauses.set(pause.rule, JSON.stringify(pause))
    for (const { rule, version } of change.rulePausesPublished ?? [])
      this.#rulePausesPublished.set(rule, version)
    for (const run of change.announced ?? []) this.#unannounced.delete(run)
    this.#verdicts.push(...(change.verdicts ?? []))
  }

  cursor(): number {
    return this.#cursor
  }

  eventsAfter(after: number, limit: number): Event[] {
    return this.#events.slice(after, after + limit)
  }

  event(id: number): Event | undefined {
    return this.#events[id - 1]
  }

  eventHead(id: number): EventHead | undefined {
    const event = this.event(id)
    return event && headOf(event)
  }

  lastOn(topic: string, upTo: number): Event | undefined {
    return this.#byTopic.get(topic)?.findLast(({ id }) => id <= upTo)
  }

  retainedUnder(prefix: string): string[] {
    return [...this.#byTopic]
      .filter(([topic, events]) => topic.startsWith(prefix) && events.findLast(isRetained)?.payload.length)
      .map(([topic]) => topic)
      .toSorted()
  }

  openRunIds(): number[] {
    return this.runs
      .filter(({ run }) => run.state === 'planned' || run.state === 'running')
      .map(({ run }) => run.id)
      .toSorted((a, b) => a - b)
  }

  hasDead(rule: string): boolean {
    return this.runs.some(({ run }) => run.state === 'dead' && run.rule === rule)
  }

  unannouncedRuns(limit: number): RunWithSteps[] {
    const oldest = [...this.#unannounced].toSorted((a, b) => a - b).slice(0, limit)
    return oldest.map((id) => this.run(id)!)
  }

  runHead(id: number): Run | undefined {
    return this.run(id)?.run
  }

  run(id: number): RunWithSteps | undefined {
    const stored = this.#runs.get(id)
    return (
      stored && {
        run: JSON.parse(stored.run) as Run,
        steps: Array.from(stored.steps.values(), (step) => JSON.parse(step) as Step).toSorted(byPath),
      }
    )
  }

  alert(key: string): Alert | undefined {
    const json = this.#alerts.get(key)
    return json === undefined ? undefined : (JSON.parse(json) as Alert)
  }

  /** All alerts, whatever has become of them. */
  get alerts(): readonly Alert[] {
    return Array.from(this.#alerts.keys(), (key) => this.alert(key)!)
  }

  heldAlerts(): Alert[] {
    const named = new Set(this.liveNotifications().flatMap(({ alerts }) => alerts))
    return this.alerts.filter((alert) => isOpen(alert) || named.has(alert.key))
  }

  unpublishedAlerts(): Alert[] {
    return this.alerts.filter(({ key, version }) => (this.#published.get(key) ?? 0) < version)
  }

  silences(): Silence[] {
    return Array.from(this.#silences.values(), (json) => JSON.parse(json) as Silence)
  }

  liveNotifications(): NotificationRecord[] {
    const all = Array.from(this.#notifications.values(), (json) => JSON.parse(json) as NotificationRecord)
    return all.filter(({ isClosed }) => !isClosed)
  }

  lastRunId(): number {
    return this.#lastRunId
  }

  ruleStates(): RuleState[] {
    return Array.from(this.#states.values(), (state) => JSON.parse(state) as RuleState)
  }

  rulePauses(): RulePause[] {
    return [...this.#rulePauses]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([, json]) => JSON.parse(json) as RulePause)
  }

  unpublishedRulePauses(): RulePause[] {
    return this.rulePauses().filter(
      ({ rule, version }) => (this.#rulePausesPublished.get(rule) ?? 0) < version,
    )
  }

  behind(): Behind {
    return { startedAt: 0, behindMs: 0 }
  }

  downtimes(): Downtime[] {
    return [...this.#downtimes]
  }

  #commitAlerts({ alerts, silences, notifications, alertsPublished }: Change): void {
    for (const alert of alerts ?? []) this.#alerts.set(alert.key, JSON.stringify(alert))
    for (const { name, silence } of silences ?? [])
      if (silence === null) this.#silences.delete(name)
      else this.#silences.set(name, JSON.stringify(silence))
    for (const one of notifications ?? [])
      this.#notifications.set(`${one.channel}\0${one.subject}`, JSON.stringify(one))
    for (const { key, version } of alertsPublished ?? []) this.#published.set(key, version)
  }

  #change(run: number, path: string, change: object): void {
    const { steps } = this.#runs.get(run)!
    steps.set(path, merged(steps.get(path) ?? '{}', change))
  }

  #putState(state: RuleState): void {
    const id = `${state.rule}\0${state.key}`
    if (state.state === null) this.#states.delete(id)
    else this.#states.set(id, JSON.stringify(state))
  }
}

/**
 * Whether an event changed the retained message of its topic: a `redelivered` one repeats what is retained
 * already.
 */
const isRetained = ({ retain, origin }: Event): boolean => retain && origin !== 'redelivered'

const merged = (json: string, change: object): string =>
  JSON.stringify({ ...(JSON.parse(json) as object), ...change })
