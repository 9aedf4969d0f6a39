// An event in the eyes of one rule: which of its triggers takes it, the key it belongs to, and the context
// that the rule's functions are given. `see` never throws; what the rule's own code gets wrong is told by
// `trouble`.

import type { Event } from '../../model/event.ts'
import type { JsonObject } from '../../model/json.ts'
import type { FiringDetails } from '../../model/run.ts'
import type { CompiledRule, Match, Way } from '../compile/compiled-rule.ts'
import { EventContext } from '../context/context.ts'
import type { AnyContext, World } from '../context/context.ts'
import { checkPayload, jsonOrText, textOf } from '../context/payload.ts'
import type { Checked } from '../context/payload.ts'
import type { Refusal } from '../authoring/triggers/trigger.ts'
import { PayloadRejected, RuleError, runUserCode } from '../context/user-code.ts'

export interface Sight {
  readonly rule: CompiledRule
  readonly event: Event
  readonly way: Way
  /** Why none of the rule's triggers takes it. */
  readonly refusal: Refusal | undefined
  /** The key of the event. When the rule's own `key` cannot say, it is the key of the params. */
  readonly key: string
  /** Why `key` failed: a RuleError, or a payload that was rejected before `key` could read it. */
  readonly trouble: RuleError | PayloadRejected | undefined
  readonly context: AnyContext
  readonly payload: Pick<CheckedPayload, 'answer' | 'value'>
}

/** What a decision knows beside its event. */
interface Decision {
  /** The moment of the decision; by default the event's own. */
  readonly now?: number
  readonly details?: FiringDetails | null | undefined
}

export function see(match: Match, event: Event, world: World, decision: Decision = {}): Sight {
  const { now = event.at, details } = decision
  const given = details?.payload
  const { rule } = match
  const { way, refusal } = wayOf(match, event)
  const payload =
    given === undefined && way.expected === undefined ? new CheckedPayload(rule, event) : standIn(given)
  const context = new EventContext(event, way, payload, now, world, details ?? {})
  const { key, trouble } = refusal === undefined ? keyOf(rule, way, context) : keyOfParams(way)
  return { rule, event, way, refusal, key, trouble, context, payload }
}

/**
 * What stands in place of a payload: what a stage made of it, or nothing, for a topic that has never spoken.
 */
const standIn = (value: JsonObject | undefined): Sight['payload'] => ({
  answer: { accepted: true, value },
  value,
})

/** The payload of an event as the schema returns it; the schema is asked once, when somebody reads it. */
class CheckedPayload {
  readonly #rule: CompiledRule
  readonly #event: Event
  #answer: Checked | undefined

  constructor(rule: CompiledRule, event: Event) {
    this.#rule = rule
    this.#event = event
  }

  /** May throw a RuleError. */
  get answer(): Checked {
    return (this.#answer ??= check(this.#rule, this.#event))
  }

  /** Throws a PayloadRejected when the schema does not accept it. */
  get value(): unknown {
    const { answer } = this
    if (answer.accepted) return answer.value
    throw new PayloadRejected(answer.reason)
  }
}

/** The first trigger that takes the event, or the first at all with its reason. */
function wayOf({ ways }: Match, event: Event): { way: Way; refusal: Refusal | undefined } {
  let first: { way: Way; refusal: Refusal } | undefined
  for (const way of ways) {
    const refusal = way.trigger.refuses?.(event)
    if (refusal === undefined) return { way, refusal }
    first ??= { way, refusal }
  }
  return first as { way: Way; refusal: Refusal }
}

function check(rule: CompiledRule, event: Event): Checked {
  const text = textOf(event.payload)
  const schema = rule.definition.payload
  if (schema === undefined) return { accepted: true, value: jsonOrText(text) }
  return runUserCode(rule, 'payload', () => checkPayload(schema, text))
}

const keyOfParams = ({ key }: Way): Pick<Sight, 'key' | 'trouble'> => ({ key, trouble: undefined })

function keyOf(rule: CompiledRule, way: Way, context: AnyContext): Pick<Sight, 'key' | 'trouble'> {
  const { key } = rule.definition
  if (key === undefined) return keyOfParams(way)
  try {
    const value = runUserCode(rule, 'key', () => key(context))
    if (typeof value === 'string' || typeof value === 'number')
      return { key: String(value), trouble: undefined }
    const got = value === null ? 'null' : typeof value
    throw new RuleError(
      `${rule.line}: rule ${JSON.stringify(rule.name)}: key must return a text, it returned ${got}`,
    )
  } catch (error) {
    return { key: way.key, trouble: error as RuleError | PayloadRejected }
  }
}
