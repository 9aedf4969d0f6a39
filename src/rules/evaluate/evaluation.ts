// One evaluation in progress: the memories of the stages for one key, the verdicts and the firings. Only
// `evaluate` drives it.

import { formatDuration } from '../../base/quantities.ts'
import type { Earlier } from '../../model/clock-behind.ts'
import type { JsonObject } from '../../model/json.ts'
import type { FiringDetails } from '../../model/run.ts'
import type { Stage, Verdict } from '../../model/verdict.ts'
import type { CompiledRule } from '../compile/compiled-rule.ts'
import type { Sight } from './sight.ts'
import { shiftMoments } from '../../model/moments.ts'
import type { Arrival, DownPeriod, Move, Candidate, Signal, Timed } from '../stages/stage.ts'

export interface Evaluated {
  /**
   * An event has at least one verdict; a wake has one for each event that it decided. A later verdict on an
   * event replaces an earlier one.
   */
  readonly verdicts: readonly Verdict[]
  /** The firings, in the order in which they are to be planned. */
  readonly firings: readonly Firing[]
  /** The state to remember; `null` for none. */
  readonly state: JsonObject | null
  readonly wakeAt: number | null
}

/** A rule fires: a run is to be planned. */
export interface Firing {
  readonly rule: string
  readonly key: string
  readonly event: number
  /** The moment of the decision: the event's, or that at which a timer ran out. */
  readonly at: number
  /** A run that begins later is not worth doing; `null` when it always is. */
  readonly expiresAt: number | null
  /** The run is to be recorded, and not performed. */
  readonly dryRun: boolean
  /** What it says beside its event. */
  readonly details?: FiringDetails
}

/** What the conditions said of an event. */
export interface Asked {
  readonly signal: Signal
  /** The condition that decided, and why. */
  readonly stage: Stage
  readonly reason: string
  readonly memories: readonly (readonly [stage: Stage, memory: JsonObject | null])[]
}

/**
 * Name of the moment at which the state last saw the clock; it shows that the clock was set back. It stands
 * in the state beside the memories of the stages.
 */
const SEEN = 'seenAt'

/** Memories by the name of their stage. */
type Memories = Record<string, JsonObject | number>

export class Evaluation {
  readonly #rule: CompiledRule
  readonly #key: string
  readonly #timed: readonly Timed[]
  readonly #verdicts: Verdict[] = []
  readonly #firings: Firing[] = []
  #state: Memories

  constructor(rule: CompiledRule, key: string, state: JsonObject | null) {
    this.#rule = rule
    this.#key = key
    this.#timed = rule.hold ? [rule.hold, ...rule.gates] : rule.gates
    this.#state = { ...(state as Memories | null) }
    for (const name of Object.keys(this.#state)) if (!this.#knows(name)) delete this.#state[name]
  }

  /** Wakes the stages that are due up to the time of an event. Notices when the clock has been set back. */
  catchUp(now: number): void {
    const seenAt = this.#state[SEEN]
    if (typeof seenAt === 'number' && now < seenAt) this.shift(now - seenAt)
    this.runUntil(now)
    if (this.#timed.length > 0) this.#state[SEEN] = now
  }

  /**
   * Wakes the stages that are due, in order of time; of those due at one moment, the later stage first, to
   * make room.
   */
  runUntil(now: number): void {
    for (;;) {
      const next = this.#nextWake()
      if (next === undefined || next.at > now) return
      const { stage, index, at } = next
      const move = stage.wake(this.#memory(stage) as JsonObject, at)
      // A stage that does not move on would be woken for ever: an engine that stops with a reason is better
      // than one that hangs.
      if (move.memory && stage.wakeAt(move.memory) <= at)
        throw new Error(`the stage ${stage.name} was woken and did not move on`)
      this.#apply(index, move, at)
    }
  }

  askConditions(sight: Sight): Asked {
    const memories: (readonly [Stage, JsonObject | null])[] = []
    let signal: Signal = 'level'
    for (const condition of this.#rule.conditions) {
      const memory = this.#state[condition.name] as JsonObject | undefined
      const answer = condition.ask(sight, memory)
      if (answer.memory !== undefined) memories.push([condition.name, answer.memory])
      if (answer.signal === 'no' || answer.signal === 'same')
        return { signal: answer.signal, stage: condition.name, reason: answer.reason ?? '', memories }
      if (answer.signal === 'edge') signal = 'edge'
    }
    return { signal, stage: 'fired', reason: '', memories }
  }

  keep(memories: Asked['memories']): void {
    for (const [stage, memory] of memories) this.#remember(stage, memory ?? undefined)
  }

  /** The event has been asked about, and enters the timed stages. */
  enter(arrival: Arrival, { signal, stage, reason }: Asked, now: number): void {
    const { hold } = this.#rule
    const met = signal === 'level' || signal === 'edge'
    if (!hold) {
      if (met) this.#offer(0, arrival.candidate, now)
      else this.say(arrival.candidate.event, stage, reason, now)
      return
    }
    const move = hold.arrive(this.#memory(hold), arrival, now)
    if (met) this.#apply(0, move, now)
    else {
      this.#remember(hold.name, move.memory)
      this.say(arrival.candidate.event, stage, reason, now)
    }
  }

  /** The hold, or the quiet of a silence, has begun for the key. */
  get isHolding(): boolean {
    const { hold } = this.#rule
    return hold !== undefined && this.#memory(hold) !== undefined
  }

  downtime(period: DownPeriod): void {
    for (const [index, stage] of this.#timed.entries()) {
      const memory = this.#memory(stage)
      if (memory && stage.downtime) this.#apply(index, stage.downtime(memory, period), period.toAt)
    }
  }

  shift(byMs: number, earlier?: Earlier): void {
    this.#state = shiftMoments(this.#state, byMs, earlier) as Memories
  }

  forget(): void {
    this.#state = {}
  }

  say(event: number, stage: Stage, reason: string, at: number): void {
    this.#verdicts.push({ rule: this.#rule.name, key: this.#key, event, stage, reason, at })
  }

  end(): Evaluated {
    const stages = Object.keys(this.#state).filter((name) => name !== SEEN)
    return {
      verdicts: this.#verdicts,
      firings: this.#firings,
      state: stages.length > 0 ? this.#state : null,
      wakeAt: this.#nextWake()?.at ?? null,
    }
  }

  /**
   * Whether the rule has a stage of this name. The memory of a stage that the rule no longer has is dropped:
   * if the stage comes back, that memory belongs to another time.
   */
  #knows(name: string): boolean {
    const isOf = (stage: { readonly name: Stage }): boolean => stage.name === name
    return name === SEEN || this.#timed.some(isOf) || this.#rule.conditions.some(isOf)
  }

  #nextWake(): { readonly stage: Timed; readonly index: number; readonly at: number } | undefined {
    let next: { readonly stage: Timed; readonly index: number; readonly at: number } | undefined
    for (const [index, stage] of this.#timed.entries()) {
      const memory = this.#memory(stage)
      const at = memory ? stage.wakeAt(memory) : Infinity
      if (at < Infinity && (next === undefined || at <= next.at)) next = { stage, index, at }
    }
    return next
  }

  /** Applies the decision of a stage, and offers the candidate that it lets go to the next one. */
  #apply(index: number, { memory, on, held }: Move<object>, now: number): void {
    const stage = this.#timed[index] as Timed
    this.#remember(stage.name, memory)
    if (held) this.say(held.event, stage.name, held.reason, now)
    if (on) this.#offer(index + 1, on, now)
  }

  /** Offers a candidate to the stages from `index` on, until one keeps it or the rule fires. */
  #offer(index: number, candidate: Candidate, now: number): void {
    const stage = this.#timed[index]
    if (stage === undefined) this.#fire(candidate, now)
    else this.#apply(index, stage.arrive(this.#memory(stage), { candidate, signal: 'level' }, now), now)
  }

  #fire(candidate: Candidate, now: number): void {
    const { name, ttlMs, dryRun } = this.#rule
    const late = now - candidate.at
    this.#firings.push({
      rule: name,
      key: this.#key,
      event: candidate.event,
      at: now,
      expiresAt: ttlMs === Infinity ? null : candidate.at + ttlMs,
      dryRun,
      ...(candidate.details && { details: candidate.details }),
    })
    this.say(
      candidate.event,
      dryRun ? 'dryRun' : 'fired',
      late > 0 ? `${formatDuration(late)} later` : '',
      now,
    )
  }

  #memory(stage: Timed): object | undefined {
    return this.#state[stage.name] as object | undefined
  }

  #remember(stage: Stage, memory: object | undefined): void {
    if (memory === undefined) delete this.#state[stage]
    else this.#state[stage] = memory as JsonObject
  }
}
