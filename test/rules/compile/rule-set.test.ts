import { topicLevel } from '../../../src/topics/escape.ts'
import { expect, it } from 'vitest'
import { client, rule } from '../../../src/index.ts'
import type { Rule } from '../../../src/index.ts'
import { compile } from '../../../src/rules/compile.ts'
import type { RuleSet } from '../../../src/rules/compile/rule-set.ts'

const load = (rules: readonly Rule[], root = 'vigie'): RuleSet => {
  const set = compile([{ file: 'rules/a.ts', exports: { default: rules } }], { root })
  expect(set.problems).toEqual([])
  return set
}
const names = (set: RuleSet, topic: string): string[] => set.matching(topic).map(({ rule: { name } }) => name)
const nothing = { do: () => [] } as const

it('finds the rules that read a topic, in the order of their declaration', () => {
  const set = load([
    rule('b', { on: 'x/#', ...nothing }),
    rule('a', { on: ['x/+id/z', 'x/y/#rest'], ...nothing }),
    rule('c', { on: 'x/y/z', ...nothing }),
    rule('d', { on: 'x/+', ...nothing }),
  ])
  expect(names(set, 'x/y/z')).toEqual(['b', 'a', 'c'])
  expect(names(set, 'x/y')).toEqual(['b', 'a', 'd'])
  expect(names(set, 'y')).toEqual([])
})

it('tells the params and the key of each way, the first that was written first', () => {
  const set = load([rule('a', { on: ['x/+id/z', '+kind/y/#rest'], ...nothing })])
  expect(set.matching('x/y/z')[0]!.ways.map(({ params, key }) => [params, key])).toEqual([
    [{ id: 'y' }, 'y'],
    [{ kind: 'x', rest: 'z' }, 'x/z'],
  ])
})

it("keeps wildcards in the first level off the hub's own topics, which would answer themselves", () => {
  const set = load([
    rule('all', { on: '#', ...nothing }),
    rule('some', { on: '+/runs/+', ...nothing }),
    rule('runs', { on: 'vigie/runs/+rule', ...nothing }),
  ])
  expect(names(set, 'vigie/runs/x')).toEqual(['runs'])
  expect(names(set, 'other/runs/x')).toEqual(['all', 'some'])
})

it('is compiled for the root that the hub has', () => {
  const set = load([rule('a', { on: client('sensor-*'), ...nothing })], 'haus')
  expect(set.interest).toEqual(['haus/clients/#'])
  expect(names(set, 'haus/clients/sensor-1/x')).toEqual(['a'])
  expect(names(set, 'haus/clients/lamp')).toEqual([])
  expect(names(set, 'vigie/clients/sensor-1')).toEqual([])
})

it('takes a client id for what it is, whatever characters it has', () => {
  const set = load([rule('a', { on: client('a.b(*)[1]'), ...nothing })])
  expect(names(set, 'vigie/clients/a.b(xyz)[1]')).toEqual(['a'])
  expect(names(set, 'vigie/clients/aab(xyz)[1]')).toEqual([])
})

it('means the client id itself, where its topic has to hold it in another spelling', () => {
  const id = 'home/50%+#1'
  const set = load([rule('a', { on: client('home/50%+#*'), ...nothing })])
  const match = set.matchOf('a', `vigie/clients/${topicLevel(id)}`)
  expect(match?.ways.map(({ params }) => params)).toEqual([{ id }])
})

it('gives the same answer from the cache, however many topics go by', () => {
  const set = load([rule('a', { on: 't/+id', ...nothing })])
  const first = set.matching('t/0')
  for (let id = 0; id < 70_000; id++) set.matching(`t/${id}`)
  expect(set.matching('t/0')).toBe(first)
  for (let id = 0; id < 200_000; id++) set.matching(`u/${id}`)
  expect(set.matching('t/0')).toEqual(first)
})
