import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { hidesDollar, hidesRoot } from '../../src/topics/hidden.ts'
import { topicMatches } from '../../src/topics/matches.ts'
import { NameTree } from '../../src/topics/name-tree.ts'
import { anyFilter, anyTopic, ordered } from './arbitrary.ts'
import { MATCHING } from './matching.table.ts'

test.each(MATCHING)('%s against %s is %s', (filter, topic, matches) => {
  const tree = new NameTree<number>()
  tree.set(topic, 1)
  expect([...tree.match(filter)]).toEqual(matches ? [[topic, 1]] : [])
})

describe('the name tree', () => {
  test.each([
    ['nothing', hidesDollar],
    ['a', hidesRoot('a')],
  ])('agrees with the slow matcher and a plain map where %s is hidden', (_, hides) => {
    const step = fc.record({ topic: anyTopic, value: fc.nat(), remove: fc.boolean() })
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.array(anyFilter, { maxLength: 10 }),
        (steps, filters) => {
          const tree = new NameTree<number>(hides)
          const model = new Map<string, number>()
          for (const { topic, value, remove } of steps) {
            const known = model.has(topic)
            if (remove) model.delete(topic)
            else model.set(topic, value)
            expect(remove ? tree.delete(topic) : tree.set(topic, value)).toBe(remove === known)
            expect(tree.get(topic)).toBe(model.get(topic))
          }
          expect(tree.size).toBe(model.size)
          expect(ordered(tree)).toEqual(ordered(model))
          for (const filter of filters) {
            expect(ordered(tree.match(filter))).toEqual(
              ordered([...model].filter(([topic]) => topicMatches(filter, topic, hides))),
            )
            expect(tree.mayMatch(filter) || [...tree.match(filter)].length === 0).toBe(true)
          }
          for (const topic of model.keys()) expect(tree.delete(topic)).toBe(true)
          expect([tree.size, [...tree]]).toEqual([0, []])
        },
      ),
      { numRuns: 500 },
    )
  })

  test.each([
    ['b/+/x', false],
    ['b', false],
    ['a/', false],
    ['a/b/c/#', false],
    ['a/b/c', false],
    ['a', false],
    ['a/b', true],
    ['a/b/#', true],
    ['a/+/x', true],
    ['#', true],
  ])('may hold what matches %s: %s', (filter, may) => {
    const tree = new NameTree<number>()
    tree.set('a/b', 1)
    expect(tree.mayMatch(filter)).toBe(may)
  })

  test('can be left in the middle of a match', () => {
    const tree = new NameTree<number>()
    for (let index = 0; index < 100; index++) tree.set(`a/${index}`, index)
    const found: string[] = []
    for (const [topic] of tree.match('a/+')) {
      if (found.push(topic) === 3) break
    }
    expect(found).toEqual(['a/0', 'a/1', 'a/2'])
  })

  test('is searched in small steps, also where nothing is found', () => {
    const tree = new NameTree<number>()
    for (let index = 0; index < 1_000; index++) tree.set(`a/${index}/x`, index)
    const steps = [...tree.search('a/+/y')]
    expect(new Set(steps)).toEqual(new Set([null]))
    expect(steps.length).toBeGreaterThan(10)
  })

  test('tells nothing that was deleted while a match was under way', () => {
    const tree = new NameTree<number>()
    for (const topic of ['a/1/x', 'a/2/x', 'a/3/x']) tree.set(topic, 1)
    const found: string[] = []
    for (const [topic] of tree.match('a/#')) {
      found.push(topic)
      tree.delete('a/2/x')
    }
    expect(found).toEqual(['a/1/x', 'a/3/x'])
  })

  test('takes a name of 65,535 slashes without recursion', () => {
    const tree = new NameTree<string>()
    const deep = '/'.repeat(65_535)
    tree.set(deep, 'deep')
    tree.set('/', 'flat')
    expect([...tree.match('#')].map(([, value]) => value)).toEqual(['flat', 'deep'])
    expect([...tree.match(`${'+/'.repeat(65_535)}+`)]).toEqual([[deep, 'deep']])
    tree.delete(deep)
    expect([...tree]).toEqual([['/', 'flat']])
  })
})
