// The heart: what a rule makes of an event, or of a moment for which it had asked to be woken. Pure: the
// same rule, key, state and input give the same answer, whenever and wherever they are asked for. It never
// throws.
//
//   event ─▶ enabled? origin? trigger? ─▶ conditions ─▶ hold ─▶ gates ─▶ firing
//                                         payload       for,    dedupe, debounce, throttle,
//                                         between     silence,  rateLimit, count, ttl
//                                         when       or presence
//                                         changed
//                                         threshold
//   wake ────────────────────────────────────────────▶ whichever of these is due
//
// What is due before an event comes first, in order of time. `mode` is asked when the run is planned: see
// mode.ts.

import type { Earlier } from '../../model/clock-behind.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Stage } from '../../model/verdict.ts'
import type { CompiledRule } from '../compile/compiled-rule.ts'
import { shortened } from '../context/payload.ts'
import type { Sight } from './sight.ts'
import type { DownPeriod, Candidate, Signal } from '../stages/stage.ts'
import { Evaluation } from './evaluation.ts'
import type { Asked, Evaluated } from './evaluation.ts'
import { RuleError, runUserCode } from '../context/user-code.ts'

export type Input =
  /** An event on one of the rule's topics, for the key of the sight. */
  | { readonly kind: 'event'; readonly sight: Sight }
  /** A moment has come, by the wall clock or by that of a replay. */
  | { readonly kind: 'wake'; readonly at: number }
  /** The hub was down. */
  | { readonly kind: 'downtime'; readonly period: DownPeriod }
  /** The wall clock was set from one moment to another: waits keep their length. */
  | {
      readonly kind: 'clock'
      readonly fromAt: number
      readonly toAt: number
      /** Timers that were set before then keep another length: see model/clock-behind.ts. */
      readonly earlier?: Earlier
    }

export type { Evaluated, Firing } from './evaluation.ts'

/** @param state what the last evaluation for this rule and key left; `null` when there was none */
export function evaluate(rule: CompiledRule, key: string, state: JsonObject | null, input: Input): Evaluated {
  const evaluation = new Evaluation(rule, key, state)
  if (!rule.enabled) evaluation.forget()
  switch (input.kind) {
    case 'event':
      takeEvent(evaluation, input.sight)
      break
    case 'wake':
      evaluation.runUntil(input.at)
      break
    case 'downtime':
      evaluation.runUntil(input.period.fromAt)
      evaluation.downtime(input.period)
      break
    case 'clock':
      evaluation.shift(input.toAt - input.fromAt, input.earlier)
      break
    default:
      input satisfies never
  }
  return evaluation.end()
}

function takeEvent(evaluation: Evaluation, sight: Sight): void {
  const { rule, event } = sight
  const say = (stage: Stage, reason = ''): void => evaluation.say(event.id, stage, reason, event.at)
  evaluation.catchUp(event.at)
  if (!rule.enabled) return say('enabled')
  if (sight.refusal) return say(sight.refusal.stage, sight.refusal.reason)
  if (event.origin === 'redelivered') return say('origin', 'the message is one that was taken before')
  if (!rule.takesOld && event.origin === 'retained')
    return say('origin', "the message is retained; retained: 'fire' would take it")
  if (sight.trouble instanceof RuleError) return say('error', sight.trouble.message)
  if (sight.trouble) return say('payload', sight.trouble.message)
  if (sight.way.expected !== undefined && evaluation.isHolding) return say('silence', 'it is watched already')
  // The conditions are asked before anything is remembered, so that an error leaves the state as it was.
  const asked = ask(evaluation, sight)
  if (asked instanceof Error) return say('error', asked.message)
  evaluation.keep(asked.answer.memories)
  const { answer, candidate } = asked
  const said = sight.way.trigger.says?.(event)
  const arrival = { candidate, signal: answer.signal, subject: sight, ...(said && { said }) }
  evaluation.enter(arrival, answer, event.at)
}

/**
 * A topic that has never spoken is watched as if it had: there is no message for conditions to look at. And
 * the return of a device ends its loss, whatever the conditions say: they say which losses count.
 */
const isBeyondConditions = ({ way: { expected, trigger }, event }: Sight): boolean =>
  expected !== undefined || trigger.says?.(event) === 'here'

const MET: Asked = { signal: 'level', stage: 'fired', reason: '', memories: [] }

/** What the conditions say; an error when the rule's code, or what that returned, throws anything. */
function ask(evaluation: Evaluation, sight: Sight): { answer: Asked; candidate: Candidate } | Error {
  try {
    return runUserCode(sight.rule, 'reading what its conditions returned', () => {
      const answer = isBeyondConditions(sight) ? MET : evaluation.askConditions(sight)
      return { answer, candidate: candidateOf(sight, answer.signal) }
    })
  } catch (error) {
    return error as Error
  }
}

function candidateOf({ rule, event, context }: Sight, signal: Signal): Candidate {
  const { dedupe } = rule.definition
  if (dedupe === undefined || signal === 'no') return { event: event.id, at: event.at }
  const key = runUserCode(rule, 'dedupe.key', () => dedupe.key(context))
  if (typeof key === 'string' || typeof key === 'number')
    return { event: event.id, at: event.at, dedupe: shortened(String(key)) }
  throw new RuleError(
    `${rule.line}: rule ${JSON.stringify(rule.name)}: dedupe.key must return a text or a number, it ` +
      `returned ${typeof key}`,
  )
}
