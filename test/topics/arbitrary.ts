/** For property tests: topics and filters of few and short levels, so that they meet, with empty levels and $ among them. */

import * as fc from 'fast-check'

const level = fc.constantFrom('a', 'b', '', '$a', 'é')

export const anyTopic = fc
  .array(level, { minLength: 1, maxLength: 5 })
  .map((levels) => levels.join('/'))
  .filter((topic) => topic !== '')

export const anyFilter = fc
  .tuple(
    fc.array(fc.oneof(level, fc.constant('+')), { maxLength: 4 }),
    fc.oneof(level, fc.constantFrom('+', '#')),
  )
  .map(([levels, last]) => [...levels, last].join('/'))
  .filter((filter) => filter !== '')

/** Long filters that have much in common: they part, and end, at any level. */
export const anyLongFilter = fc
  .tuple(fc.nat(12), fc.array(fc.constantFrom('a', '+', 'ab', ''), { maxLength: 3 }), fc.nat(6), fc.boolean())
  .map(([before, between, after, open]) =>
    [
      ...Array<string>(before).fill('a'),
      ...between,
      ...Array<string>(after).fill('a'),
      open ? '#' : '+',
    ].join('/'),
  )

export const anyLongTopic = fc
  .tuple(fc.nat(14), fc.constantFrom('a', 'ab', ''), fc.nat(8))
  .map(([before, between, after]) =>
    [...Array<string>(before).fill('a'), between, ...Array<string>(after).fill('a')].join('/'),
  )
  .filter((topic) => topic !== '')

/** The same rows in an order of their own, to compare what has none. */
export function ordered<T>(rows: Iterable<T>): T[] {
  const text = (row: T) => JSON.stringify(row)
  return [...rows].toSorted((a, b) => (text(a) < text(b) ? -1 : 1))
}
