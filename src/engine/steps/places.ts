// Who may begin: steps wait here for a place, and hold it while they are under way. There are three kinds of
// places, because what a step costs differs by what it does: a command takes the machine, a request takes a
// socket and waits for somebody else, a publish waits for the journal, which takes many at a time as well as
// one.
//
// Always: rules take turns (fair-queue.ts), and none has more than its share of a kind.

import { Cancelled } from '../../actions/context.ts'
import type { ActionKind } from '../../model/action.ts'
import { stepId } from '../../model/run.ts'
import type { StepRef } from '../../model/run.ts'
import type { PlaceLimits, WorkLimits } from '../protocol.ts'
import { FairQueue } from './fair-queue.ts'

const PUBLISHES: PlaceLimits = { total: 512, perRule: 512 }

type Kind = keyof WorkLimits | 'publishes'

/** The kind of place that a step of each action takes. */
const KIND: Readonly<Record<ActionKind, Kind>> = {
  shell: 'steps',
  call: 'steps',
  kill: 'steps',
  reap: 'steps',
  renice: 'steps',
  restart: 'steps',
  list: 'steps',
  // Steps of these two kinds only pass through: the work ends them at once.
  wait: 'steps',
  parallel: 'steps',
  webhook: 'requests',
  notify: 'requests',
  alert: 'publishes',
  publish: 'publishes',
}

interface Line {
  readonly room: PlaceLimits
  readonly waiting: FairQueue<StepRef>
  readonly countByRule: Map<string, number>
  count: number
}

/** A step under way. */
interface Holder {
  readonly ref: StepRef
  readonly rule: string
  readonly line: Line
  readonly ending: AbortController
  /** Whether another engine performs the step. */
  readonly isElsewhere: boolean
  wasAborted: boolean
}

export class Places {
  readonly #lines: Readonly<Record<Kind, Line>>
  readonly #holders = new Map<string, Holder>()

  constructor({ steps, requests }: WorkLimits) {
    this.#lines = { publishes: openLine(PUBLISHES), requests: openLine(requests), steps: openLine(steps) }
  }

  /** The number of steps that wait for a place. */
  get waiting(): number {
    const { publishes, requests, steps } = this.#lines
    return publishes.waiting.size + requests.waiting.size + steps.waiting.size
  }

  /** The number of steps that have one. */
  get taken(): number {
    return this.#holders.size
  }

  holders(): readonly StepRef[] {
    return Array.from(this.#holders.values(), ({ ref }) => ref)
  }

  has(ref: StepRef): boolean {
    return this.#holders.has(stepId(ref))
  }

  /** @param kind `null` while that is still to be decided: it may be anything */
  wait(rule: string, ref: StepRef, kind: ActionKind | null): void {
    this.#lineOf(kind).waiting.push(rule, ref)
  }

  /** Returns the next step for which there is a place. It does not take the place yet. */
  next(): StepRef | undefined {
    const { publishes, requests, steps } = this.#lines
    return nextIn(publishes) ?? nextIn(requests) ?? nextIn(steps)
  }

  /**
   * Returns what ends the step. Whoever performs it may do so too, when its time is up.
   * @param kind as it waited: whatever was decided since, it takes the place that was free for it
   * @param isElsewhere another engine performs it
   */
  take(rule: string, ref: StepRef, kind: ActionKind | null, isElsewhere = false): AbortController {
    const line = this.#lineOf(kind)
    const ending = new AbortController()
    this.#holders.set(stepId(ref), { ref, rule, line, ending, isElsewhere, wasAborted: false })
    count(line, rule, 1)
    return ending
  }

  /** Forgets the steps that other engines perform: their outcomes come here no more. */
  leaveElsewhere(): void {
    for (const { ref, isElsewhere } of this.#holders.values()) if (isElsewhere) this.leave(ref)
  }

  /** Returns whether the step was aborted from here. */
  leave(ref: StepRef): boolean {
    const holder = this.#holders.get(stepId(ref))
    if (holder === undefined) return false
    this.#holders.delete(stepId(ref))
    count(holder.line, holder.rule, -1)
    return holder.wasAborted
  }

  abort(ref: StepRef, reason: string): void {
    const holder = this.#holders.get(stepId(ref))
    if (holder) end(holder, new Cancelled(reason))
  }

  abortAll(reason: string): void {
    for (const holder of this.#holders.values()) end(holder, new Error(reason))
  }

  #lineOf(kind: ActionKind | null): Line {
    return this.#lines[kind === null ? 'steps' : KIND[kind]]
  }
}

const openLine = (room: PlaceLimits): Line => ({
  room,
  waiting: new FairQueue(),
  countByRule: new Map(),
  count: 0,
})

function nextIn({ room, waiting, countByRule, count: taken }: Line): StepRef | undefined {
  if (taken >= room.total) return undefined
  return waiting.take((rule) => (countByRule.get(rule) ?? 0) < room.perRule)
}

function end(holder: Holder, reason: Error): void {
  holder.wasAborted = true
  holder.ending.abort(reason)
}

function count(line: Line, rule: string, by: 1 | -1): void {
  line.count += by
  const of = (line.countByRule.get(rule) ?? 0) + by
  if (of === 0) line.countByRule.delete(rule)
  else line.countByRule.set(rule, of)
}
