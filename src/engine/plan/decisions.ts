// Asks the rules about one event, one wake, or one downtime, and puts the consequences into the draft:
// verdicts, what the rules remember, runs. Everything is decided at once; nothing waits.

import type { Clock } from '../../base/clock.ts'
import { formatSize } from '../../base/quantities.ts'
import type { Earlier } from '../../model/clock-behind.ts'
import { DEEPEST_CAUSE } from '../../model/event.ts'
import type { Event } from '../../model/event.ts'
import { TOGETHER_STATES } from '../../model/store.ts'
import type { EngineReads } from '../../model/store.ts'
import { pausedReason } from '../../model/rule-pause.ts'
import type { RulePause } from '../../model/rule-pause.ts'
import type { Stage, Verdict } from '../../model/verdict.ts'
import type { CompiledRule, Match } from '../../rules/compile/compiled-rule.ts'
import { evaluate } from '../../rules/evaluate/evaluate.ts'
import { join, joinLater } from '../../rules/evaluate/join.ts'
import type { Evaluated, Firing, Input } from '../../rules/evaluate/evaluate.ts'
import { admit, widthOf } from '../../rules/evaluate/mode.ts'
import { plan } from '../../rules/evaluate/plan.ts'
import type { Occasion, Plan } from '../../rules/evaluate/plan.ts'
import type { RuleSet } from '../../rules/compile/rule-set.ts'
import { see } from '../../rules/evaluate/sight.ts'
import type { Draft } from '../runs/draft.ts'
import { lightened } from '../runs/light-event.ts'
import { occasionOf, worldAt } from '../steps/occasions.ts'
import { HEAVIEST_EVENT, LIGHT_DECISION, weigh } from '../runs/weight.ts'
import { newStep, OpenRun } from '../runs/open-run.ts'
import type { Owner, RuleMemory } from './rule-memory.ts'
import type { UserCode } from '../contain/user-code.ts'
import type { Work } from '../steps/work.ts'

export interface DecisionPorts {
  readonly rules: RuleSet
  readonly reads: Pick<EngineReads, 'event' | 'lastOn'>
  readonly memory: RuleMemory
  readonly draft: Draft
  readonly work: Pick<Work, 'add' | 'cancel' | 'runsIn'>
  readonly userCode: UserCode
  readonly clock: Clock
  /** The pause of a rule; `undefined` when people have not paused it. */
  readonly pauseOf: (rule: string) => RulePause | undefined
  /**
   * Whether a message that was retained before the rule came is still to be given to the rule. Without this
   * function it always is.
   */
  readonly isRecalled?: (rule: CompiledRule, event: Event) => boolean
  readonly nextRunId: () => number
  /** The largest packet that a rule may publish. */
  readonly packetBytes: number
  /** Called when code of a rule failed, so that it has decided nothing, and when a command is refused. */
  readonly failed: (verdict: Verdict) => void
  /** Events that are set aside: no rule is asked about them. */
  readonly setAside: ReadonlySet<number>
  /** Called when a run has ended; its end is in the draft. */
  readonly ended: (run: OpenRun, event: Event) => void
  /** Called when a rule would have fired at the end of too long a chain of causes. */
  readonly deadLetter: (rule: string, event: Event) => void
}

/** What comes to a rule without an event. */
type LaterInput = Exclude<Input, { kind: 'event' }>

/** The reason why a firing makes no run. */
interface Refusal {
  readonly stage: Stage
  readonly reason: string
}

export class Decisions {
  readonly #ports: DecisionPorts
  /** Bytes that further decisions because of the event, wake or downtime at hand may take. */
  #room = HEAVIEST_EVENT

  constructor(ports: DecisionPorts) {
    this.#ports = ports
  }

  take(event: Event): void {
    const { rules, setAside } = this.#ports
    this.#room = HEAVIEST_EVENT
    for (const match of rules.matching(event.topic))
      if (setAside.has(event.id)) this.#setAside(match, event)
      else if (!this.#isPaused(match, event)) this.#takeFor(match, event)
  }

  /**
   * Asks one rule about an event that was set aside, as if it came now, also while the rule is paused: somebody
   * wants it. Returns whether the rule still reads its topic.
   */
  takeAgain(rule: string, event: Event): boolean {
    const match = this.#ports.rules.matchOf(rule, event.topic)
    this.#room = HEAVIEST_EVENT
    if (match) this.#takeFor(match, event, this.#ports.clock.now())
    return match !== undefined
  }

  /**
   * Wakes a rule. One that is paused sleeps on: when its pause has ended, `resume` tells its timers, which then
   * say anew when they are due.
   */
  wake(owner: Owner, at: number): void {
    if (this.#ports.pauseOf(ruleOf(owner)) !== undefined) return
    this.#room = HEAVIEST_EVENT
    this.#evaluate(owner, { kind: 'wake', at })
  }

  /** Tells every timer that there was a downtime. */
  downtime(fromAt: number, toAt: number): void {
    const { memory, pauseOf } = this.#ports
    this.#room = HEAVIEST_EVENT
    // The pause of a rule contains the downtime.
    for (const owner of ownersIn(memory))
      if (pauseOf(ruleOf(owner)) === undefined)
        this.#evaluate(owner, { kind: 'downtime', period: { fromAt, toAt } })
  }

  /** Tells the timers of a rule that its pause is over: it was down, for them. */
  resume(rule: string, fromAt: number, toAt: number): void {
    this.#room = HEAVIEST_EVENT
    for (const owner of ownersIn(this.#ports.memory))
      if (ruleOf(owner) === rule) this.#evaluate(owner, { kind: 'downtime', period: { fromAt, toAt } })
  }

  /** Tells every timer that the wall clock was set. */
  clockSet(fromAt: number, toAt: number, earlier?: Earlier): void {
    this.#room = HEAVIEST_EVENT
    for (const owner of ownersIn(this.#ports.memory))
      this.#evaluate(owner, { kind: 'clock', fromAt, toAt, ...(earlier && { earlier }) })
  }

  /** Says so when the rule is paused: it is not asked. */
  #isPaused({ rule, ways }: Match, event: Event): boolean {
    const { draft, pauseOf } = this.#ports
    const pause = pauseOf(rule.name)
    if (pause === undefined) return false
    draft.verdict(verdict(rule, ways[0]?.key ?? '', event, 'paused', pausedReason(pause), event.at))
    return true
  }

  /**
   * Adds a dead run without steps, which stands for what the rule might have done: an operator can see it,
   * and retry it.
   */
  #setAside({ rule, ways }: Match, event: Event): void {
    const { draft, clock, nextRunId, ended } = this.#ports
    const key = ways[0]?.key ?? ''
    const run = {
      id: nextRunId(),
      rule: rule.name,
      key,
      event: event.id,
      state: 'dead',
      plannedAt: event.at,
      startedAt: event.at,
      endedAt: clock.now(),
      reason: SET_ASIDE,
    } as const
    draft.newRun(run, [])
    draft.verdict(verdict(rule, key, event, 'error', SET_ASIDE, event.at))
    ended(new OpenRun(run, [], draft), event)
  }

  /** @param at when the event counts as having come */
  #takeFor(match: Match, event: Event, at = event.at): void {
    const { userCode, memory, draft, reads, isRecalled } = this.#ports
    const { rule } = match
    if (event.origin === 'retained' && rule.takesOld && isRecalled?.(rule, event) === false) return
    if (userCode.isQuarantined(rule.name)) {
      draft.verdict(verdict(rule, '', event, 'quarantined', 'its code took the engine down', event.at))
      return
    }
    userCode.within(rule.name, () => {
      const sight = see(match, at === event.at ? event : { ...event, at }, worldAt(event, reads))
      const state = memory.state({ rule: rule.name, key: sight.key })
      this.#apply(rule, sight.key, evaluate(rule, sight.key, state, { kind: 'event', sight }), event)
    })
  }

  #evaluate(owner: Owner, input: LaterInput): void {
    const { userCode, memory, rules } = this.#ports
    const isJoint = owner.rule === TOGETHER_STATES
    const rule = rules.rule(ruleOf(owner))
    if (rule === undefined || userCode.isQuarantined(rule.name)) return
    userCode.within(rule.name, () => {
      const state = memory.state(owner)
      if (isJoint) this.#decide(rule, this.#kept(owner, joinLater(rule, state, input)))
      else this.#apply(rule, owner.key, evaluate(rule, owner.key, state, input))
    })
  }

  #apply(rule: CompiledRule, key: string, evaluated: Evaluated, event?: Event): void {
    this.#kept({ rule: rule.name, key }, evaluated)
    if (rule.together === undefined) return this.#decide(rule, evaluated, event)
    const owner = { rule: TOGETHER_STATES, key: rule.name }
    const joined = join(rule, this.#ports.memory.state(owner), evaluated)
    this.#decide(rule, evaluated.firings.length === 0 ? joined : this.#kept(owner, joined), event)
  }

  #kept(owner: Owner, evaluated: Evaluated): Evaluated {
    this.#ports.memory.keep(owner, evaluated)
    return evaluated
  }

  #decide(rule: CompiledRule, evaluation: Evaluated, event?: Event): void {
    const { draft, failed } = this.#ports
    const refusals = new Map<number, Refusal>()
    for (const firing of evaluation.firings) {
      const refusal = this.#plan(rule, firing, event)
      if (refusal) refusals.set(firing.event, refusal)
    }
    for (const said of evaluation.verdicts) {
      const refusal = said.stage === 'fired' || said.stage === 'dryRun' ? refusals.get(said.event) : undefined
      const final = refusal ? { ...said, ...refusal } : said
      draft.verdict(final)
      if (final.stage === 'error' || final.stage === 'refused') failed(final)
    }
  }

  #plan(rule: CompiledRule, firing: Firing, current: Event | undefined): Refusal | undefined {
    const { rules, reads, draft, work, clock, nextRunId, deadLetter } = this.#ports
    const event = current?.id === firing.event ? current : reads.event(firing.event)
    if (event === undefined) return { stage: 'error', reason: 'its event is no longer in the history' }
    if (firing.expiresAt !== null && clock.now() > firing.expiresAt)
      return { stage: 'ttl', reason: 'too old when its turn came' }
    if ((event.cause?.depth ?? 0) >= DEEPEST_CAUSE) {
      deadLetter(rule.name, event)
      return { stage: 'loop', reason: `the end of a chain of ${DEEPEST_CAUSE} causes` }
    }
    const match = rules.matchOf(rule.name, event.topic)
    if (match === undefined) return { stage: 'error', reason: `the rule no longer waits for ${event.topic}` }
    const occasion = occasionOf(match, event, firing, reads)
    if (firing.dryRun) return this.#rehearse(occasion, firing)
    const openRuns = isUnlimited(rule) ? [] : work.runsIn(rule.name, firing.key)
    const admission = admit(rule, openRuns)
    if (admission.kind === 'skip') return { stage: 'mode', reason: admission.reason }
    const planned = this.#planned(occasion)
    if (!planned.ok) return { stage: 'error', reason: planned.reason }
    const id = nextRunId()
    if (admission.kind === 'plan')
      for (const run of admission.cancel) work.cancel(run, `run ${id} replaces it`)
    const run = {
      id,
      rule: rule.name,
      key: firing.key,
      event: event.id,
      state: 'planned',
      plannedAt: firing.at,
      startedAt: null,
      endedAt: null,
      reason: null,
      ...(firing.details && { details: firing.details }),
    } as const
    const steps = planned.steps.map(({ path, spec }) => newStep(id, path, spec))
    draft.newRun(run, steps)
    work.add({ run, steps, event: lightened(event, reads), width: widthOf(rule) })
    return undefined
  }

  /**
   * Plans the run. What a rule makes is copied on its way to the store, and in the store; a decision that is
   * too large, by itself or with the others because of the same event, is refused here.
   */
  #planned(occasion: Occasion): Plan {
    const planned = plan(occasion)
    if (!planned.ok) return planned
    const { rule } = occasion.match
    const specs = planned.steps.map(({ spec }) => spec)
    const { bytes, problem } = weigh(rule, 'do', specs, this.#ports.packetBytes)
    if (problem !== undefined) return { ok: false, reason: problem }
    if (bytes > LIGHT_DECISION && bytes > this.#room) return { ok: false, reason: noRoom(rule, bytes) }
    this.#room -= bytes
    return planned
  }

  /** Stores what the rule would have done, for a person to read. Nobody else hears of it. */
  #rehearse(occasion: Occasion, { rule, key, at, details }: Firing): Refusal | undefined {
    const { draft, nextRunId } = this.#ports
    const planned = this.#planned(occasion)
    if (!planned.ok) return { stage: 'error', reason: planned.reason }
    const id = nextRunId()
    const run = {
      id,
      rule,
      key,
      event: occasion.event.id,
      plannedAt: at,
      startedAt: null,
      endedAt: at,
      reason: null,
      ...(details && { details }),
    } as const
    const steps = planned.steps.map(({ path, spec }) => newStep(id, path, spec))
    draft.newRun({ ...run, state: 'dry' }, steps)
    for (const step of steps) draft.step({ ...step, state: 'skipped', endedAt: at })
    draft.announced(id)
    return undefined
  }
}

const SET_ASIDE = 'engines ended while this event was at hand, so it was set aside'

const noRoom = ({ line, name }: CompiledRule, bytes: number): string =>
  `${line}: rule ${JSON.stringify(name)}: do returned actions that take ${formatSize(bytes)}. Together with the ` +
  `other actions because of the same event that is more than ${formatSize(HEAVIEST_EVENT)}, the most that one ` +
  'event may come to'

/** The rule to which a memory belongs. */
const ruleOf = ({ rule, key }: Owner): string => (rule === TOGETHER_STATES ? key : rule)

/** Everything that rules remember, as it is now: what is told of it may change it. */
const ownersIn = (memory: RuleMemory): readonly Owner[] =>
  memory.rules.flatMap((rule) => memory.keysOf(rule).map((key) => ({ rule, key })))

/** Whether the rule's mode sets no limit, so that its open runs need not be counted. */
const isUnlimited = ({ mode }: CompiledRule): boolean => mode.kind === 'parallel' && mode.limit === Infinity

const verdict = (
  rule: CompiledRule,
  key: string,
  event: Event,
  stage: Stage,
  reason: string,
  at: number,
): Verdict => ({ rule: rule.name, key, event: event.id, stage, reason, at })
