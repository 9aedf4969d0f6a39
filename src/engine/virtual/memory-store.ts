// A journal that lives in memory: what the engine decides is kept as JSON, as the store keeps it, so that an engine which is
// begun on it anew finds what it would find after a restart.

import type { Event } from '../../model/event.ts'
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
  readonly #verdicts: Verdict[] = []
  #cursor = 0
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
    const kept = { ...event, id: this.#events.length + 1 }
    this.#events.push(kept)
    const those = this.#byTopic.get(kept.topic)
    if (those) those.push(kept)
    else this.#byTopic.set(kept.topic, [kept])
    return kept
  }

  /** The next engine is told that nobody watched meanwhile. */
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
      if (run.endedAt !== null) this.#unannounced.add(run.id)
    }
    for (const step of change.newSteps ?? []) this.#change(step.run, step.path, step)
    for (const { id, ...changed } of change.runs ?? []) {
      const kept = this.#runs.get(id)!
      kept.run = merged(kept.run, changed)
      if (changed.endedAt !== null) this.#unannounced.add(id)
    }
    for (const step of change.steps ?? []) this.#change(step.run, step.path, step)
    for (const state of change.ruleStates ?? []) this.#keep(state)
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

  eventHead(id: number): Event | undefined {
    return this.event(id)
  }

  lastOn(topic: string, upTo: number): Event | undefined {
    return this.#byTopic.get(topic)?.findLast(({ id }) => id <= upTo)
  }

  retainedUnder(prefix: string): string[] {
    return [...this.#byTopic.keys()]
      .filter((topic) => topic.startsWith(prefix))
      .filter((topic) => this.#byTopic.get(topic)?.findLast(({ retain }) => retain)?.payload.length)
      .toSorted()
  }

  openRunIds(): number[] {
    return this.runs
      .filter(({ run }) => run.state === 'planned' || run.state === 'running')
      .map(({ run }) => run.id)
  }

  unannouncedRuns(limit: number): RunWithSteps[] {
    return Array.from(this.#unannounced, (id) => this.run(id)!).slice(0, limit)
  }

  runHead(id: number): Run | undefined {
    return this.run(id)?.run
  }

  run(id: number): RunWithSteps | undefined {
    const kept = this.#runs.get(id)
    return (
      kept && {
        run: JSON.parse(kept.run) as Run,
        steps: Array.from(kept.steps.values(), (step) => JSON.parse(step) as Step),
      }
    )
  }

  lastRunId(): number {
    return this.#runs.size
  }

  ruleStates(): RuleState[] {
    return Array.from(this.#states.values(), (state) => JSON.parse(state) as RuleState)
  }

  behind(): Behind {
    return { startedAt: 0, behindMs: 0 }
  }

  downtimes(): Downtime[] {
    return [...this.#downtimes]
  }

  #change(run: number, path: string, change: object): void {
    const { steps } = this.#runs.get(run)!
    steps.set(path, merged(steps.get(path) ?? '{}', change))
  }

  #keep(state: RuleState): void {
    const id = `${state.rule}\0${state.key}`
    if (state.state === null) this.#states.delete(id)
    else this.#states.set(id, JSON.stringify(state))
  }
}

const merged = (json: string, change: object): string =>
  JSON.stringify({ ...(JSON.parse(json) as object), ...change })
