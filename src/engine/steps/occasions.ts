// Finds the rule of a step again: its functions of earlier results, and the function that a `call` means. The
// rule's `do` is called once more with the event and the moment of the firing.

import type { ActionSpec } from '../../model/action.ts'
import type { Event } from '../../model/event.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Step } from '../../model/run.ts'
import type { EngineReads } from '../../model/store.ts'
import type { CallFunction, Failure, Results } from '../../rules/authoring/actions/action.ts'
import type { Match } from '../../rules/compile/compiled-rule.ts'
import type { World } from '../../rules/context/context.ts'
import { derive, findCall } from '../../rules/evaluate/plan.ts'
import type { Occasion } from '../../rules/evaluate/plan.ts'
import type { RuleSet } from '../../rules/compile/rule-set.ts'
import { weigh } from '../runs/weight.ts'
import type { OpenRun } from '../runs/open-run.ts'
import type { UserCode } from '../contain/user-code.ts'

export class Occasions {
  readonly #rules: RuleSet
  readonly #reads: Pick<EngineReads, 'lastOn'>
  readonly #userCode: UserCode
  readonly #packetBytes: number

  /** @param packetBytes the largest packet that a rule may publish */
  constructor(rules: RuleSet, reads: Pick<EngineReads, 'lastOn'>, userCode: UserCode, packetBytes: number) {
    this.#packetBytes = packetBytes
    this.#rules = rules
    this.#reads = reads
    this.#userCode = userCode
  }

  paramsOf({ run }: OpenRun, event: Event): Readonly<Record<string, string>> {
    return this.#rules.matchOf(run.rule, event.topic)?.ways[0]?.params ?? {}
  }

  /** See `decide` of work.ts. */
  decide(open: OpenRun, event: Event, path: string): ActionSpec | null | Error {
    return this.#ask(open, event, (occasion) => {
      const derived = derive(occasion, path, resultsOf(open), failureOf(open, path))
      if (!derived.ok) return new Error(derived.reason)
      const part = 'a function of earlier results'
      const { problem } = weigh(occasion.match.rule, part, [derived.spec], this.#packetBytes)
      return problem === undefined ? derived.spec : new Error(problem)
    })
  }

  callAt(open: OpenRun, event: Event, path: string): CallFunction | Error {
    return this.#ask(open, event, (occasion) => {
      const found = findCall(occasion, path, resultsOf(open), failureOf(open, path))
      return found.ok ? found.fn : new Error(found.reason)
    })
  }

  #ask<T>({ run }: OpenRun, event: Event, question: (occasion: Occasion) => T): T | Error {
    if (this.#userCode.isQuarantined(run.rule)) return new Error(`The rule "${run.rule}" is quarantined.`)
    const match = this.#rules.matchOf(run.rule, event.topic)
    if (match === undefined)
      return new Error(
        this.#rules.rule(run.rule)
          ? `The rule "${run.rule}" no longer waits for ${event.topic}; it changed while the run was under way.`
          : `There is no rule "${run.rule}" any more; it went while the run was under way.`,
      )
    const occasion = occasionOf(match, event, { at: run.plannedAt, details: run.details }, this.#reads)
    return this.#userCode.within(run.rule, () => question(occasion))
  }
}

export const occasionOf = (
  match: Match,
  event: Event,
  { at, details }: Pick<Occasion, 'at' | 'details'>,
  reads: Pick<EngineReads, 'lastOn'>,
): Occasion => ({ match, event, at, details, world: worldAt(event, reads) })

/**
 * The retained and last messages as the rule sees them: those that were known when the event came, whenever
 * the rule asks.
 */
export const worldAt = (event: Event, reads: Pick<EngineReads, 'lastOn'>): World => ({
  last: (topic) => reads.lastOn(topic, event.id),
})

export function resultsOf({ steps }: OpenRun): Results {
  const top = steps.filter(({ path }) => /^\d+$/.test(path))
  const results: (JsonObject | undefined)[] = []
  for (const { path, outcome } of top) results[Number(path)] = outcome?.result
  return results
}

/** The failure of the step in whose `onFailure` a path lies. */
function failureOf(open: OpenRun, path: string): Failure | undefined {
  const end = path.lastIndexOf('!')
  if (end === -1) return undefined
  const { outcome }: Step = open.step(path.slice(0, end))
  if (outcome === null || outcome.kind === 'done') return undefined
  return { reason: outcome.reason, result: outcome.result }
}
