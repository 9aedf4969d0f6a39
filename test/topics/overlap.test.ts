import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { hidesDollar, hidesRoot } from '../../src/topics/hidden.ts'
import { topicMatches } from '../../src/topics/matches.ts'
import { filtersOverlap } from '../../src/topics/overlap.ts'

test.each([
  ['a/b', 'a/b', true],
  ['a/b', 'a/c', false],
  ['a/+', 'a/b', true],
  ['+/b', 'a/+', true],
  ['a/#', 'a', true],
  ['a/#', 'a/b/c', true],
  ['/#', '+', false],
  ['/#', '+/+', true],
  ['//#', '/+', true],
  ['a/+/#', 'a', false],
  ['a/+', 'a/b/c', false],
  ['#', '$SYS/x', false],
  ['+/x', '$SYS/x', false],
  ['$SYS/#', '$SYS/+', true],
])('%s and %s: %s', (one, other, expected) => {
  expect(filtersOverlap(one, other)).toBe(expected)
  expect(filtersOverlap(other, one)).toBe(expected)
})

const level = fc.constantFrom('a', 'b', '', '+', '$s')
const filter = fc
  .tuple(fc.array(level, { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([levels, open]) => [...levels, ...(open ? ['#'] : [])].join('/'))
  .filter((text) => text !== '') // no filter is empty

test.each([
  ['nothing', hidesDollar],
  ['a', hidesRoot('a')],
])('they overlap exactly when some topic is matched by both, where %s is hidden', (_, hides) => {
  const all = topicsUpTo(4)
  fc.assert(
    fc.property(filter, filter, (one, other) => {
      const met = all.some((topic) => topicMatches(one, topic, hides) && topicMatches(other, topic, hides))
      expect(filtersOverlap(one, other, hides)).toBe(met)
    }),
  )
})

/** Every topic of up to so many levels of these names. */
function topicsUpTo(depth: number): string[] {
  const names = ['a', 'b', '', '$s']
  let last: string[] = names
  const found = [...last]
  for (let levels = 2; levels <= depth; levels++) {
    last = last.flatMap((topic) => names.map((name) => `${topic}/${name}`))
    found.push(...last)
  }
  return found.filter((topic) => topic !== '')
}
