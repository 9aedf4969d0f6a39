// Measures a rule set: looking up a topic among ever more rules, and evaluating an event.
//
//   node bench/rules.ts

import { performance } from 'node:perf_hooks'
import { rule } from '../src/index.ts'
import type { Rule } from '../src/index.ts'
import { compile } from '../src/rules/compile.ts'
import { evaluate } from '../src/rules/evaluate/evaluate.ts'
import { plan } from '../src/rules/evaluate/plan.ts'
import { inventedEvent } from '../src/rules/explain/rehearse.ts'
import type { RuleSet } from '../src/rules/compile/rule-set.ts'
import { see } from '../src/rules/evaluate/sight.ts'

const SIZES = [10, 1_000, 10_000, 100_000]
const TOPICS = 1_000
const MATCHING = [1, 10, 100]
const LENGTH_MS = 500
const world = { last: () => undefined }

const load = (rules: readonly Rule[]): RuleSet =>
  compile([{ file: 'rules/bench.ts', exports: { default: rules } }], { root: 'vigie' })
const print = (line: string): boolean => process.stdout.write(`${line}\n`)

for (const size of SIZES) {
  const start = performance.now()
  const set = load(
    Array.from({ length: size }, (_, number) =>
      rule(`r${number}`, { on: `site/+room/device-${number}/#rest`, do: () => [] }),
    ),
  )
  const loadMs = performance.now() - start
  const topics = Array.from({ length: TOPICS }, (_, number) => `site/r/device-${number % size}/${number}`)
  const first = timed(topics, (topic) => set.matching(topic), 1)
  const later = timed(topics, (topic) => set.matching(topic))
  print(
    `${size} rules: loaded in ${loadMs.toFixed(0)} ms; a topic's first look-up ${(first * 1_000).toFixed(1)} µs, later ones ${(later * 1_000).toFixed(3)} µs`,
  )
}

for (const matching of MATCHING) {
  const set = load(
    Array.from({ length: matching }, (_, number) =>
      rule(`r${number}`, {
        on: 'home/+room/temperature',
        when: ({ payload }) => (payload as number) > 20,
        do: ({ params }) => [{ ...params } as never].slice(1),
      }),
    ),
  )
  const events = [19, 21].map((value) => inventedEvent('home/kitchen/temperature', String(value), 'live'))
  const perEvent = timed(events, (event) => {
    for (const match of set.matching(event.topic)) {
      const sight = see(match, event, world)
      const { firings } = evaluate(match.rule, sight.key, null, { kind: 'event', sight })
      for (const { at } of firings) plan({ match, event, at, world })
    }
  })
  print(`${matching} matching rules, half of which fire: ${(1_000 / perEvent).toFixed(0)} events a second`)
}

/** Milliseconds per item, after a round to warm up, or of one round alone. */
function timed<T>(items: readonly T[], work: (item: T) => void, rounds?: number): number {
  if (rounds === undefined) for (const item of items) work(item)
  let done = 0
  const start = performance.now()
  const lengthMs = rounds === undefined ? LENGTH_MS : 0
  do {
    for (const item of items) work(item)
    done += items.length
  } while (performance.now() - start < lengthMs)
  return (performance.now() - start) / done
}
