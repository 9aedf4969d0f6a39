import { expect, test } from 'vitest'
import { client, rule, will } from '../../../src/index.ts'
import type { Rule } from '../../../src/index.ts'
import { compile } from '../../../src/rules/compile.ts'
import { overlapsOf } from '../../../src/rules/compile/overlaps.ts'

const overlaps = (...rules: Rule[]) =>
  overlapsOf(compile([{ file: 'rules/r.ts', exports: { default: rules } }], { root: 'vigie' }))
const named = (name: string, on: string, more: object = {}): Rule => rule(name, { on, do: () => [], ...more })

test('names the rules that a message may fire together, and where they meet', () => {
  expect(overlaps(named('a', 'x/+id'), named('b', 'x/1'), named('c', 'y'))).toEqual([
    { rules: ['a', 'b'], on: ['"x/+id"', '"x/1"'] },
  ])
})

test('leaves out rules that are switched off', () => {
  expect(overlaps(named('a', 'x'), named('b', 'x', { enabled: false }))).toEqual([])
})

test('knows that a wildcard does not reach the topics of the hub', () => {
  expect(overlaps(named('a', '#rest'), named('b', 'vigie/runs/+name'))).toEqual([])
})

test('knows that a last will on a topic is a message on it', () => {
  expect(overlaps(named('a', 'x/+id'), rule('lost', { on: will('x/+id'), do: () => [] }))).toHaveLength(1)
})

test('says nothing of two that choose among the messages of a topic', () => {
  expect(
    overlaps(
      rule('came', { on: client('*', 'online'), do: () => [] }),
      rule('went', { on: client('*', 'offline'), do: () => [] }),
    ),
  ).toEqual([])
})
