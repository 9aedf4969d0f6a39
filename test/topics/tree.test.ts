// Covers `src/topics/children.ts`, `src/topics/filter-nodes.ts`.

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { hidesDollar, hidesRoot } from '../../src/topics/hidden.ts'
import { topicMatches } from '../../src/topics/matches.ts'
import { TopicTree } from '../../src/topics/tree.ts'
import { anyFilter, anyLongFilter, anyLongTopic, anyTopic, ordered } from './arbitrary.ts'
import { MATCHING } from './matching.table.ts'

test.each(MATCHING)('%s against %s is %s', (filter, topic, matches) => {
  const tree = new TopicTree<string, string>()
  tree.set(filter, 'key', 'value')
  expect(tree.collect(topic)).toEqual(matches ? ['value'] : [])
})

describe('the subscription tree', () => {
  test('finds all filters of the table at once', () => {
    const tree = new TopicTree<string, string>()
    const filters = [...new Set(MATCHING.map(([filter]) => filter))]
    for (const filter of filters) tree.set(filter, 'key', filter)
    for (const [, topic] of MATCHING) {
      expect(ordered(tree.collect(topic))).toEqual(
        ordered(filters.filter((filter) => topicMatches(filter, topic))),
      )
    }
  })

  test.each([
    ['short', anyFilter, anyTopic, hidesDollar],
    ['long', anyLongFilter, anyLongTopic, hidesDollar],
    ['short', anyFilter, anyTopic, hidesRoot('a')],
    ['long', anyLongFilter, anyLongTopic, hidesRoot('a')],
  ])(
    'agrees with the slow matcher and a plain map through any insertions and deletions of %s filters',
    (_, someFilter, someTopic, hides) => {
      const step = fc.record({ filter: someFilter, key: fc.nat(2), value: fc.nat(), remove: fc.boolean() })
      fc.assert(
        fc.property(
          fc.array(step, { maxLength: 60 }),
          fc.array(someTopic, { maxLength: 10 }),
          (steps, topics) => {
            const tree = new TopicTree<number, number>(hides)
            const model = new Map<string, readonly [filter: string, key: number, value: number]>()
            for (const { filter, key, value, remove } of steps) {
              const id = `${key} ${filter}`
              const changed = remove ? tree.delete(filter, key) : tree.set(filter, key, value)
              expect(changed).toBe(model.has(id) === remove)
              if (remove) model.delete(id)
              else model.set(id, [filter, key, value])
              expect(tree.get(filter, key)).toBe(model.get(id)?.[2])
            }
            const all = [...model.values()]
            expect(tree.size).toBe(all.length)
            expect(ordered(tree)).toEqual(ordered(all))
            for (const topic of topics) {
              const found: (typeof all)[number][] = []
              tree.match(topic, (value, key, filter) => found.push([filter, key, value]))
              expect(ordered(found)).toEqual(
                ordered(all.filter(([filter]) => topicMatches(filter, topic, hides))),
              )
            }
            for (const [filter, key] of all) expect(tree.delete(filter, key)).toBe(true)
            expect([tree.size, [...tree]]).toEqual([0, []])
          },
        ),
        { numRuns: 500 },
      )
    },
  )

  test('keeps the other values of a filter when one goes', () => {
    const tree = new TopicTree<string, number>()
    for (const [index, key] of ['x', 'y', 'z'].entries()) tree.set('a/+', key, index)
    tree.delete('a/+', 'x')
    expect(ordered(tree.collect('a/b'))).toEqual([1, 2])
    tree.delete('a/+', 'z')
    expect(tree.collect('a/b')).toEqual([1])
  })

  test('takes a filter and a topic of 65,535 slashes without recursion', () => {
    const tree = new TopicTree<string, string>()
    const deep = '/'.repeat(65_533)
    tree.set(`${deep}/+`, 'key', 'plus')
    tree.set(`+${deep}/#`, 'key', 'rest')
    expect(ordered(tree.collect(`${deep}/`))).toEqual(['plus', 'rest'])
    expect(tree.collect('/'.repeat(65_535))).toEqual(['rest'])
    expect([...tree]).toHaveLength(2)
    tree.delete(`${deep}/+`, 'key')
    tree.delete(`+${deep}/#`, 'key')
    expect(tree.collect(`${deep}/`)).toEqual([])
  })

  test('meets each node once where + and literals branch at every level', () => {
    const tree = new TopicTree<number, number>()
    for (let bits = 0; bits < 2 ** 12; bits++) {
      const levels = Array.from({ length: 12 }, (_, level) => ((bits >> level) & 1 ? '+' : 'a'))
      tree.set(levels.join('/'), 0, bits)
    }
    expect(tree.collect('a/a/a/a/a/a/a/a/a/a/a/a')).toHaveLength(2 ** 12)
    expect(tree.collect('a/a/a/a/a/a/a/a/a/a/a/b')).toHaveLength(2 ** 11)
    expect(tree.collect(`a${'/a'.repeat(30_000)}`)).toEqual([])
  })

  describe('with 10,000 filters of 100 levels', () => {
    const topic = Array<string>(100).fill('a').join('/')
    /** Numbers written in + and a, beginning at this level. */
    const filterAt = (first: number, number: number): string =>
      Array.from({ length: 100 }, (_, level) =>
        level >= first && (number >> (level - first)) & 1 ? '+' : 'a',
      ).join('/')

    test.each([0, 43, 86])('compares with few nodes, whether they part at level %i or later', (first) => {
      const tree = new TopicTree<number, number>()
      for (let number = 1; number <= 10_000; number++) tree.set(filterAt(first, number), 0, number)
      let found = 0
      // One piece for each level of each filter would be a million.
      expect(tree.match(topic, () => found++)).toBeLessThan(60_000)
      expect(found).toBe(10_000)
    })

    test('leaves nothing behind where they go', () => {
      const tree = new TopicTree<number, number>()
      tree.set(filterAt(50, 1), 0, 1)
      const alone = tree.match(topic, () => {})
      const others = Array.from({ length: 1_000 }, (_, number) => filterAt(50, number + 2))
      for (let levels = 1; levels < 100; levels++) others.push(`${'a/'.repeat(levels)}#`)
      for (const filter of others) tree.set(filter, 0, 0)
      for (const filter of others) tree.delete(filter, 0)
      expect(tree.match(topic, () => {})).toBe(alone)
      expect(tree.collect(topic)).toEqual([1])
    })
  })
})
