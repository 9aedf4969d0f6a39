import { assert, array, constantFrom, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { namesFor } from '../../../src/journal/queries/names-for.ts'
import { topicMatches } from '../../../src/topics/matches.ts'

const isBefore = (one: string, other: string): boolean =>
  Buffer.compare(Buffer.from(one), Buffer.from(other)) < 0

describe('the range of names', () => {
  it('begins behind the last name of the page before, so that no page steps over the ones before it', () => {
    expect(namesFor('#', 'a/b')).toEqual(['a/b\0', '\u{10FFFF}'])
    expect(namesFor('a/#', 'a/b')).toEqual(['a/b\0', 'a\u{10FFFF}'])
    expect(namesFor('b/#', 'a/b')).toEqual(['b', 'b\u{10FFFF}'])
    // In UTF-8 the second is the later one, in the UTF-16 of JavaScript the earlier one.
    expect(namesFor('\u{FF5E}/#', '\u{1F600}')).toEqual(['\u{1F600}\0', '\u{FF5E}\u{10FFFF}'])
  })

  it('holds every name after it that the filter matches', () => {
    const names = array(
      string({ unit: constantFrom('a', 'b', '/', 'é', '\u{FF5E}', '\u{1F600}'), minLength: 1 }),
    )
    assert(
      property(
        names,
        constantFrom('#', 'a/#', 'a', 'a/+', '+/b', '\u{FF5E}/#', '\u{1F600}/+'),
        string({ unit: constantFrom('a', 'b', '/', '\u{FF5E}', '\u{1F600}') }),
        (given, filter, after) => {
          const [from, below] = namesFor(filter, after)
          for (const name of given) {
            if (!topicMatches(filter, name) || (after !== '' && !isBefore(after, name))) continue
            expect(isBefore(name, from)).toBe(false)
            expect(isBefore(name, below)).toBe(true)
          }
        },
      ),
    )
  })
})
