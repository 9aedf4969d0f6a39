// Which of the messages that are retained a rule is told, over restarts, reloads and crashes.

import { expect, test } from 'vitest'
import { Recall, tellInPages } from '../../../src/engine/plan/recall.ts'
import { RuleMemory } from '../../../src/engine/plan/rule-memory.ts'
import { Draft } from '../../../src/engine/runs/draft.ts'
import type { Event } from '../../../src/model/event.ts'
import type { RuleState } from '../../../src/model/store.ts'
import { compile } from '../../../src/rules/compile.ts'
import { rule } from '../../../src/rules/authoring/rule.ts'
import { inventedEvent } from '../../../src/rules/explain/rehearse.ts'

const wanting = (name: string, ...on: string[]) => rule(name, { on, retained: 'fire', do: () => [] })

/** A store that outlives engines; events are numbered as they are retained or told. */
class Bench {
  #lastEvent = 0
  cursor = 0
  readonly #retained = new Map<string, number>()
  #stored: readonly RuleState[] = []

  retain(...topics: string[]): void {
    for (const topic of topics) this.#retained.set(topic, ++this.#lastEvent)
  }

  /** Begins an engine that has taken all events so far. */
  start(...declared: unknown[]) {
    const draft = new Draft()
    const memory = new RuleMemory(draft)
    memory.restore(this.#stored)
    this.cursor = this.#lastEvent
    const rules = compile([{ file: 'rules/a.ts', exports: { default: declared } }], { root: 'vigie' })
    if (rules.problems.length > 0) throw new Error(JSON.stringify(rules.problems))
    const heads = [...this.#retained].map(([topic, event]) => ({ topic, event })).toReversed()
    const reads = { cursor: () => this.cursor, retainedHeads: () => heads }
    const recall = new Recall({ rules, memory, reads })
    const pending = recall.begin(this.#lastEvent, true)
    const commit = (): void => {
      const known = new Map(this.#stored.map((state) => [state.key, state]))
      for (const state of draft.take().ruleStates ?? []) known.set(state.key, state)
      this.#stored = [...known.values()].filter(({ state }) => state !== null)
    }
    commit()
    const events: Event[] = []
    return {
      topics: pending.map(({ topic }) => topic),
      /** As the broker tells them. */
      tell: (count = Infinity): Event[] => {
        for (const { topic, event } of pending.splice(0, count))
          events.push({
            ...inventedEvent(topic, '', 'retained'),
            id: ++this.#lastEvent,
            cause: { event, run: null, depth: 1 },
          })
        return events
      },
      /** What fires, `rule topic`; committed each time. */
      take: (told: readonly Event[]): string[] =>
        told.flatMap((event) =>
          rules.matching(event.topic).flatMap(({ rule: each }) => {
            const fires = recall.take(each, event)
            commit()
            return fires ? [`${each.name} ${event.topic}`] : []
          }),
        ),
    }
  }
}

test('a new rule is told what is retained on its topics, in the order in which that came, once', () => {
  const bench = new Bench()
  bench.retain('t/b', 'x', 't/a')
  const engine = bench.start(wanting('r', 't/+n'))
  expect(engine.topics).toEqual(['t/b', 't/a'])
  const told = engine.tell()
  expect(engine.take(told)).toEqual(['r t/b', 'r t/a'])
  expect(engine.take(told)).toEqual([])
  expect(bench.start(wanting('r', 't/+n')).topics).toEqual([])
})

test('a rule that does not ask for it is told nothing', () => {
  const bench = new Bench()
  bench.retain('t/a')
  expect(bench.start(rule('r', { on: 't/+n', do: () => [] })).topics).toEqual([])
})

test('what is retained later the rule hears as it comes, and is not told again after a restart', () => {
  const bench = new Bench()
  const engine = bench.start(wanting('r', 't/+n'))
  expect(engine.topics).toEqual([])
  bench.retain('t/a')
  expect(bench.start(wanting('r', 't/+n')).topics).toEqual([])
})

test('a crash in the middle leaves nothing out and tells nothing twice', () => {
  const bench = new Bench()
  bench.retain('t/a', 't/b', 't/c', 't/d')
  const first = bench.start(wanting('r', 't/+n'))
  const told = first.tell(3)
  expect(first.take(told.slice(0, 2))).toEqual(['r t/a', 'r t/b'])
  const second = bench.start(wanting('r', 't/+n'))
  expect(second.topics).toEqual(['t/c', 't/d'])
  // One that the engine before was told lies in the journal still.
  expect(second.take([...told.slice(2), ...second.tell()])).toEqual(['r t/c', 'r t/d'])
})

test('a message that is replaced meanwhile is left to the event that replaces it', () => {
  const bench = new Bench()
  bench.retain('t/a', 't/b')
  bench.start(wanting('r', 't/+n'))
  bench.retain('t/a')
  expect(bench.start(wanting('r', 't/+n')).topics).toEqual(['t/b'])
})

test('a rule that gains a topic is told what is retained there, and no more', () => {
  const bench = new Bench()
  bench.retain('t/a', 'u/a')
  const first = bench.start(wanting('r', 't/+n'))
  first.take(first.tell())
  const second = bench.start(wanting('r', 't/+n', 'u/+n'))
  expect(second.take(second.tell())).toEqual(['r u/a'])
})

test('a rule that is added later is told without the others', () => {
  const bench = new Bench()
  bench.retain('t/a')
  const first = bench.start(wanting('old', 't/+n'))
  first.take(first.tell())
  const second = bench.start(wanting('old', 't/+n'), wanting('new', 't/#rest'))
  expect(second.take(second.tell())).toEqual(['new t/a'])
})

test('a rule that was away, or did not ask for it for a while, is a new one', () => {
  const bench = new Bench()
  bench.retain('t/a')
  const first = bench.start(wanting('r', 't/+n'))
  first.take(first.tell())
  bench.start(rule('r', { on: 't/+n', do: () => [] }))
  expect(bench.start(wanting('r', 't/+n')).topics).toEqual(['t/a'])
})

test('an event of this origin that names no other, as when a message expires, is none for a rule', () => {
  const bench = new Bench()
  bench.retain('t/a')
  const engine = bench.start(wanting('r', 't/+n'))
  engine.tell()
  expect(engine.take([{ ...inventedEvent('t/a', '', 'retained'), id: 99 }])).toEqual([])
})

test('many are told a page after the other, and none after the end of the engine', async () => {
  const messages = Array.from({ length: 600 }, (_, event) => ({ topic: 't', event }))
  const charge = new AbortController()
  const pages: number[] = []
  await tellInPages(messages, async (page) => void pages.push(page.length), charge.signal)
  expect(pages).toEqual([256, 256, 88])
  const cut: number[] = []
  await tellInPages(
    messages,
    async ([first]) => {
      cut.push(first!.event)
      if (first!.event > 0) charge.abort()
    },
    charge.signal,
  )
  expect(cut).toEqual([0, 256])
})
