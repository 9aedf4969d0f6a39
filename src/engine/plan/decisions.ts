// Asks the rules about one event, one wake, or one downtime, and puts the consequences into the draft:
// verdicts, what the rules remember, runs. Everything is decided at once; nothing waits.

import type { Earlier } from '../../model/clock-behind.ts'
import type { Event } from '../../model/event.ts'
import { TOGETHER_STATES } from '../../model/store.ts'
import { pausedReason } from '../../model/rule-pause.ts'
import type { RulePause } from '../../model/rule-pause.ts'
import type { Stage, Verdict } from '../../model/verdict.ts'
import type { CompiledRule, Match } from '../../rules/compile/compiled-rule.ts'
import { evaluate } from '../../rules/evaluate/evaluate.ts'
import { join, joinLater } from '../../rules/evaluate/join.ts'
import type { Evaluated, Input } from '../../rules/evaluate/evaluate.ts'
import { see } from '../../rules/evaluate/sight.ts'
import { worldAt } from '../steps/occasions.ts'
import { OpenRun } from '../runs/open-run.ts'
import { NewRuns } from './new-runs.ts'
import type { NewRunPorts, Refusal } from './new-runs.ts'
import type { Owner, RuleMemory } from './rule-memory.ts'
import type { UserCode } from '../contain/user-code.ts'

export interface DecisionPorts extends NewRunPorts {
  readonly memory: RuleMemory
  readonly userCode: UserCode
  /** The pause of a rule; `undefined` when people have not paused it. */
  readonly pauseOf: (rule: string) => RulePause | undefined
  /**
   * Whether a message that was retained before the rule came is still to be given to the rule. Without this
   * function it always is.
   */
  readonly isRecalled?: (rule: CompiledRule, event: Event) => boolean
  /** Called when code of a rule failed, so that it has decided nothing, and when a command is refused. */
  readonly failed: (verdict: Verdict) => void
  /** Events that are set aside: no rule is asked about them. */
  readonly setAside: ReadonlySet<number>
  /** Called when a run has ended; its end is in the draft. */
  readonly ended: (run: OpenRun, event: Event) => void
}

/** What comes to a rule without an event. */
type LaterInput = Exclude<Input, { kind: 'event' }>

export class Decisions {
  readonly #ports: DecisionPorts
  readonly #newRuns: NewRuns

  constructor(ports: DecisionPorts) {
    this.#ports = ports
    this.#newRuns = new NewRuns(ports)
  }

  take(event: Event): void {
    const { rules, setAside } = this.#ports
    this.#newRuns.makeRoom()
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
    this.#newRuns.makeRoom()
    if (match) this.#takeFor(match, event, this.#ports.clock.now())
    return match !== undefined
  }

  /**
   * Wakes a rule. One that is paused sleeps on: when its pause has ended, `resume` tells its timers, which then
   * say anew when they are due.
   */
  wake(owner: Owner, at: number): void {
    if (this.#ports.pauseOf(ruleOf(owner)) !== undefined) return
    this.#newRuns.makeRoom()
    this.#evaluate(owner, { kind: 'wake', at })
  }

  /** Tells every timer that there was a downtime. */
  downtime(fromAt: number, toAt: number): void {
    const { memory, pauseOf } = this.#ports
    this.#newRuns.makeRoom()
    // The pause of a rule contains the downtime.
    for (const owner of ownersIn(memory))
      if (pauseOf(ruleOf(owner)) === undefined)
        this.#evaluate(owner, { kind: 'downtime', period: { fromAt, toAt } })
  }

  /** Tells the timers of a rule that its pause is over: it was down, for them. */
  resume(rule: string, fromAt: number, toAt: number): void {
    this.#newRuns.makeRoom()
    for (const owner of ownersIn(this.#ports.memory))
      if (ruleOf(owner) === rule) this.#evaluate(owner, { kind: 'downtime', period: { fromAt, toAt } })
  }

  /** Tells every timer that the wall clock was set. */
  clockSet(fromAt: number, toAt: number, earlier?: Earlier): void {
    this.#newRuns.makeRoom()
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
      const refusal = this.#newRuns.plan(rule, firing, event)
      if (refusal) refusals.set(firing.event, refusal)
    }
    for (const said of evaluation.verdicts) {
      const refusal = said.stage === 'fired' || said.stage === 'dryRun' ? refusals.get(said.event) : undefined
      const final = refusal ? { ...said, ...refusal } : said
      draft.verdict(final)
      if (final.stage === 'error' || final.stage === 'refused') failed(final)
    }
  }
}

const SET_ASIDE = 'engines ended while this event was at hand, so it was set aside'

/** The rule to which a memory belongs. */
const ruleOf = ({ rule, key }: Owner): string => (rule === TOGETHER_STATES ? key : rule)

/** Everything that rules remember, as it is now: what is told of it may change it. */
const ownersIn = (memory: RuleMemory): readonly Owner[] =>
  memory.rules.flatMap((rule) => memory.keysOf(rule).map((key) => ({ rule, key })))

const verdict = (
  rule: CompiledRule,
  key: string,
  event: Event,
  stage: Stage,
  reason: string,
  at: number,
): Verdict => ({ rule: rule.name, key, event: event.id, stage, reason, at })
