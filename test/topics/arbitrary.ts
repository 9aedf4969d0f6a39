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

/** The same rows in an order of their own, to compare what has none. */
export function ordered<T>(rows: Iterable<T>): T[] {
  const text = (row: T) => JSON.stringify(row)
  return [...rows].toSorted((a, b) => (text(a) < text(b) ? -1 : 1))
}
