// The heart: what a rule makes of an event, or of a moment for which it had asked to be woken. Pure: the same rule, key, state and
// input give the same answer, whenever and wherever they are asked for. It never throws.
//
//   event ─▶ enabled? origin? trigger? ─▶ conditions ─▶ hold ─▶ gates ─▶ firing
//                                         payload       for     dedupe, debounce, throttle,
//                                         when          or      rateLimit, count, ttl
//                                         changed       silence
//                                         threshold
//   wake ────────────────────────────────────────────▶ whichever of these is due
//
// What is due before an event comes first, in order of time. `mode` is asked when the run is planned: see mode.ts.

import { formatDuration } from '../base/quantities.ts'
import type { JsonObject } from '../model/json.ts'
import type { Stage, Verdict } from '../model/verdict.ts'
import type { CompiledRule } from './compiled-rule.ts'
import { RuleError, runUserCode } from './user-code.ts'
import type { Sight } from './sight.ts'
import { shiftMoments } from './stages/moments.ts'
import type { Arrival, Gap, Move, Passage, Signal, Timed } from './stages/stage.ts'

export type Input =
  /** An event on one of the rule's topics, for the key of the sight. */
  | { readonly kind: 'event'; readonly sight: Sight }
  /** A moment has come, by the wall clock or by that of a replay. */
  | { readonly kind: 'wake'; readonly at: number }
  /** The hub was down. */
  | { readonly kind: 'gap'; readonly gap: Gap }
  /** The wall clock was set from one moment to another: waits keep their length. */
  | { readonly kind: 'clock'; readonly fromAt: number; readonly toAt: number }

export interface Evaluation {
  /** At least one for an event; for a wake, one for each event that it decided. A later verdict on an event replaces an earlier one. */
  readonly verdicts: readonly Verdict[]
  /** In the order in which they are to be planned. */
  readonly firings: readonly Firing[]
  /** What to remember; `null` for nothing. */
  readonly state: JsonObject | null
  readonly wakeAt: number | null
  readonly oldestEvent: number | null
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
  /** To be recorded, not done. */
  readonly dryRun: boolean
}

/** @param state what the last evaluation for this rule and key left; `null` when there was none */
export function evaluate(
  rule: CompiledRule,
  key: string,
  state: JsonObject | null,
  input: Input,
): Evaluation {
  const turn = new Turn(rule, key, state)
  if (!rule.enabled) turn.forget()
  switch (input.kind) {
    case 'event':
      takeEvent(turn, input.sight)
      break
    case 'wake':
      turn.runUntil(input.at)
      break
    case 'gap':
      turn.runUntil(input.gap.fromAt)
      turn.span(input.gap)
      break
    case 'clock':
      turn.shift(input.toAt - input.fromAt)
      break
    default:
      input satisfies never
  }
  return turn.end()
}

function takeEvent(turn: Turn, sight: Sight): void {
  const { rule, event } = sight
  const say = (stage: Stage, reason = ''): void => turn.say(event.id, stage, reason, event.at)
  turn.catchUp(event.at)
  if (!rule.enabled) return say('enabled')
  if (sight.refusal) return say(sight.refusal.stage, sight.refusal.reason)
  if (!rule.takesOld && (event.origin === 'retained' || event.origin === 'redelivered'))
    return say('origin', `the message is ${event.origin}; retained: 'fire' would take it`)
  if (sight.trouble instanceof RuleError) return say('error', sight.trouble.message)
  if (sight.trouble) return say('payload', sight.trouble.message)
  try {
    // Computed before anything is remembered, so that an error leaves all as it was.
    const answer = turn.askConditions(sight)
    const passage = passageOf(sight, answer.signal)
    turn.keep(answer.memories)
    turn.enter({ passage, signal: answer.signal }, answer, event.at)
  } catch (error) {
    if (!(error instanceof RuleError)) throw error
    say('error', error.message)
  }
}

function passageOf({ rule, event, context }: Sight, signal: Signal): Passage {
  const { dedupe } = rule.definition
  if (dedupe === undefined || signal === 'no') return { event: event.id, at: event.at }
  const key = runUserCode(rule, 'dedupe.key', () => dedupe.key(context))
  if (typeof key === 'string' || typeof key === 'number')
    return { event: event.id, at: event.at, dedupe: String(key) }
  throw new RuleError(
    `${rule.line}: rule ${JSON.stringify(rule.name)}: dedupe.key must return a text or a number, it returned ${typeof key}`,
  )
}

interface Asked {
  readonly signal: Signal
  /** The condition that decided, and why. */
  readonly stage: Stage
  readonly reason: string
  readonly memories: readonly (readonly [stage: Stage, memory: JsonObject | null])[]
}

/** When the state last saw the clock: a step back is noticed by it. Lies in the state among the stages' memories. */
const SEEN = 'seenAt'

/** By the stages' names. */
type Memories = Record<string, JsonObject | number>

/** One evaluation under way: the stages' memories, and what has been said so far. */
class Turn {
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
  }

  /** Does what is due up to the moment of an event, and notices when the clock has been set back. */
  catchUp(now: number): void {
    const seenAt = this.#state[SEEN]
    if (typeof seenAt === 'number' && now < seenAt) this.shift(now - seenAt)
    this.runUntil(now)
    if (this.#timed.length > 0) this.#state[SEEN] = now
  }

  /** Wakes the stages that are due, in order of time; of those due at one moment, the later stage first, to make room. */
  runUntil(now: number): void {
    for (;;) {
      const next = this.#nextWake()
      if (next === undefined || next.at > now) return
      const { stage, index, at } = next
      const move = stage.wake(this.#memory(stage) as JsonObject, at)
      // Else it would be woken for ever: better an engine that stops with a reason than one that hangs.
      if (move.memory && stage.wakeAt(move.memory) <= at)
        throw new Error(`the stage ${stage.name} was woken and did not move on`)
      this.#settle(index, move, at)
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
      if (met) this.#pass(0, arrival.passage, now)
      else this.say(arrival.passage.event, stage, reason, now)
      return
    }
    const move = hold.arrive(this.#memory(hold), arrival, now)
    if (met) this.#settle(0, move, now)
    else {
      this.#remember(hold.name, move.memory)
      this.say(arrival.passage.event, stage, reason, now)
    }
  }

  span(gap: Gap): void {
    for (const [index, stage] of this.#timed.entries()) {
      const memory = this.#memory(stage)
      if (memory && stage.gap) this.#settle(index, stage.gap(memory, gap), gap.toAt)
    }
  }

  shift(byMs: number): void {
    this.#state = shiftMoments(this.#state, byMs) as Memories
  }

  forget(): void {
    this.#state = {}
  }

  say(event: number, stage: Stage, reason: string, at: number): void {
    this.#verdicts.push({ rule: this.#rule.name, key: this.#key, event, stage, reason, at })
  }

  end(): Evaluation {
    const stages = Object.keys(this.#state).filter((name) => name !== SEEN)
    const oldest = Math.min(
      ...this.#timed.flatMap((stage) => {
        const memory = this.#memory(stage)
        return memory && stage.holds ? stage.holds(memory).map(({ event }) => event) : []
      }),
    )
    return {
      verdicts: this.#verdicts,
      firings: this.#firings,
      state: stages.length > 0 ? this.#state : null,
      wakeAt: this.#nextWake()?.at ?? null,
      oldestEvent: Number.isFinite(oldest) ? oldest : null,
    }
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

  /** Takes what a stage has decided, and sends on what it lets go. */
  #settle(index: number, { memory, on, held }: Move<object>, now: number): void {
    const stage = this.#timed[index] as Timed
    this.#remember(stage.name, memory)
    if (held) this.say(held.event, stage.name, held.reason, now)
    if (on) this.#pass(index + 1, on, now)
  }

  /** Through the stages from `index` on, until one keeps it or it fires. */
  #pass(index: number, passage: Passage, now: number): void {
    const stage = this.#timed[index]
    if (stage === undefined) this.#fire(passage, now)
    else this.#settle(index, stage.arrive(this.#memory(stage), { passage, signal: 'level' }, now), now)
  }

  #fire(passage: Passage, now: number): void {
    const { name, ttlMs, dryRun } = this.#rule
    const late = now - passage.at
    this.#firings.push({
      rule: name,
      key: this.#key,
      event: passage.event,
      at: now,
      expiresAt: ttlMs === Infinity ? null : passage.at + ttlMs,
      dryRun,
    })
    this.say(passage.event, dryRun ? 'dryRun' : 'fired', late > 0 ? `${formatDuration(late)} later` : '', now)
  }

  #memory(stage: Timed): object | undefined {
    return this.#state[stage.name] as object | undefined
  }

  #remember(stage: Stage, memory: object | undefined): void {
    if (memory === undefined) delete this.#state[stage]
    else this.#state[stage] = memory as JsonObject
  }
}
