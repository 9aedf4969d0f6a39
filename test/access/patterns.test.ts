import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { covers, matches, parseFilter, parsePattern } from '../../src/access/patterns.ts'
import { topicMatches } from '../../src/topics/matches.ts'

const level = fc.constantFrom('a', 'b', '', '$x')
const topic = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/'))
const filter = fc
  .tuple(fc.array(fc.oneof(level, fc.constant('+')), { maxLength: 3 }), fc.boolean())
  .filter(([levels, rest]) => levels.length > 0 || rest)
  .map(([levels, rest]) => [...levels, ...(rest ? ['#'] : [])].join('/'))
  .filter((text) => text !== '')

it('matches what a filter matches', () => {
  fc.assert(
    fc.property(filter, topic, (text, name) => {
      expect(matches(parseFilter(text), name.split('/'))).toBe(topicMatches(text, name))
    }),
  )
})

it('covers a filter only if it matches every topic that the filter matches', () => {
  fc.assert(
    fc.property(filter, filter, topic, (pattern, asked, name) => {
      fc.pre(covers(parseFilter(pattern), parseFilter(asked)) && topicMatches(asked, name))
      expect(topicMatches(pattern, name)).toBe(true)
    }),
  )
})

it.each([
  ['a/#', 'a/b', true],
  ['a/#', 'a', true],
  ['a/#', 'a/+/#', true],
  ['a/+', 'a/#', false],
  ['a/+', 'a/+', true],
  ['a/b', 'a/+', false],
  ['#', '#', true],
  ['#', '$SYS/#', false],
  ['+/b', '$x/b', false],
])('%s covers %s: %s', (pattern, asked, expected) => {
  expect(covers(parseFilter(pattern), parseFilter(asked))).toBe(expected)
})

describe('names', () => {
  const of = (text: string, user: string | null, client = 'c') => parsePattern(text, { user, client })

  it('are filled in, also as part of a level', () => {
    expect(matches(of('dev/%u/%c-x/#', 'bob', 'lamp')!, ['dev', 'bob', 'lamp-x', 'on'])).toBe(true)
    expect(matches(of('dev/%u/#', 'bob')!, ['dev', 'alice', 'on'])).toBe(false)
    expect(matches(of('a/%%u', 'bob')!, ['a', '%u'])).toBe(true)
  })

  it.each(['+', '#', 'bob/x', '', '+/#'])('widen nothing when the user is called %j', (user) => {
    const pattern = of('dev/%u/#', user)!
    for (const text of ['dev/bob/on', 'dev/bob/x/on', 'dev', 'dev/x'])
      expect(matches(pattern, text.split('/'))).toBe(false)
    for (const text of ['dev/+/#', 'dev/#', '#', 'dev/bob/x/#'])
      expect(covers(pattern, parseFilter(text))).toBe(false)
  })

  it('never widen, whatever they are', () => {
    fc.assert(
      fc.property(fc.string(), filter, (user, asked) => {
        fc.pre(user !== 'a' && user !== 'b' && user !== '$x' && user !== '')
        expect(covers(of('%u/#', user)!, parseFilter(asked))).toBe(false)
      }),
    )
  })

  it('make no pattern of a user that there is not', () => {
    expect(of('dev/%u', null)).toBeUndefined()
    expect(of('dev/%c', null)).toBeDefined()
  })
})
