// Drives one rule over a made-up journal: keeps its states as JSON, as the store does, and wakes it when it asks. Times are in
// milliseconds from 0. Always: a rule fires with the event at hand, or with one that its state called `event`: others may have been
// pruned.

import { compile } from '../../src/rules/compile.ts'
import type { World } from '../../src/rules/context/context.ts'
import { evaluate } from '../../src/rules/evaluate/evaluate.ts'
import type { Evaluated, Firing, Input } from '../../src/rules/evaluate/evaluate.ts'
import { rule } from '../../src/rules/authoring/rule.ts'
import type { RuleDefinition } from '../../src/rules/authoring/rule.ts'
import { inventedEvent, payloadText } from '../../src/rules/explain/rehearse.ts'
import type { RuleSet } from '../../src/rules/compile/rule-set.ts'
import { see } from '../../src/rules/evaluate/sight.ts'
import type { Event } from '../../src/model/event.ts'
import type { Json, JsonObject } from '../../src/model/json.ts'
import type { Verdict } from '../../src/model/verdict.ts'

export function compileOne(definition: Partial<RuleDefinition>, name = 'r'): RuleSet {
  const whole = { on: 't/+id', do: () => [], ...definition } as RuleDefinition
  const set = compile([{ file: 'rules/r.ts', exports: { default: rule(name, whole as never) } }], {
    root: 'vigie',
  })
  if (set.problems.length > 0) throw new Error(set.problems.map(({ message }) => message).join('\n'))
  return set
}

interface Kept {
  readonly state: string | null
  readonly wakeAt: number | null
}

export class Driver {
  #set: RuleSet
  readonly #world: World
  readonly #kept = new Map<string, Kept>()
  readonly firings: Firing[] = []
  readonly verdicts: Verdict[] = []
  #events = 0

  constructor(definition: Partial<RuleDefinition>, world: World = { last: () => undefined }) {
    this.#set = compileOne(definition)
    this.#world = world
  }

  /** As after a reload: what the rule remembers stays. */
  change(definition: Partial<RuleDefinition>): void {
    this.#set = compileOne(definition)
  }

  /** Returns the verdict on the message; what was due before it has been woken. */
  send(at: number, payload: Json = '', { topic = 't/x', ...more }: Partial<Event> = {}): Verdict {
    this.wakeUntil(at)
    return this.sendWithoutWakes(at, payload, { topic, ...more })
  }

  /** As after a start: the events of the journal come before any timer is looked at. */
  sendWithoutWakes(at: number, payload: Json, { topic = 't/x', ...more }: Partial<Event> = {}): Verdict {
    const match = this.#set.matchOf('r', topic)
    if (!match) throw new Error(`the rule does not read ${topic}`)
    const event = {
      ...inventedEvent(topic, payloadText(payload), 'live', at),
      id: ++this.#events,
      ...more,
    }
    const sight = see(match, event, this.#world)
    const answer = this.#evaluate(sight.key, { kind: 'event', sight })
    return answer.verdicts.at(-1)!
  }

  wakeUntil(at: number): void {
    for (;;) {
      const due = [...this.#kept]
        .filter(([, { wakeAt }]) => wakeAt !== null && wakeAt <= at)
        .toSorted(([, a], [, b]) => a.wakeAt! - b.wakeAt!)[0]
      if (due === undefined) return
      this.#evaluate(due[0], { kind: 'wake', at: due[1].wakeAt! })
    }
  }

  downtime(fromAt: number, toAt: number): void {
    this.wakeUntil(fromAt)
    for (const key of this.#kept.keys()) this.#evaluate(key, { kind: 'downtime', period: { fromAt, toAt } })
  }

  clock(fromAt: number, toAt: number): void {
    this.wakeUntil(fromAt)
    for (const key of this.#kept.keys()) this.#evaluate(key, { kind: 'clock', fromAt, toAt })
  }

  kept(key = 'x'): Kept {
    return this.#kept.get(key) ?? { state: null, wakeAt: null }
  }

  /** The events that the state names. */
  held(key = 'x'): readonly number[] {
    return [...(this.kept(key).state?.matchAll(/"event":(\d+)/g) ?? [])].map(([, id]) => Number(id))
  }

  get log(): readonly (readonly [at: number, event: number])[] {
    return this.firings.map(({ at, event }) => [at, event])
  }

  #evaluate(key: string, input: Input): Evaluated {
    const { state } = this.kept(key)
    const known = [...this.held(key), input.kind === 'event' ? input.sight.event.id : 0]
    const [compiled] = this.#set.rules
    const answer = evaluate(compiled!, key, state === null ? null : (JSON.parse(state) as JsonObject), input)
    this.#kept.set(key, {
      state: answer.state && JSON.stringify(answer.state),
      wakeAt: answer.wakeAt,
    })
    for (const { event } of answer.firings)
      if (!known.includes(event))
        throw new Error(`it fires with the event ${event}, which may have been pruned`)
    this.firings.push(...answer.firings)
    this.verdicts.push(...answer.verdicts)
    return answer
  }
}
