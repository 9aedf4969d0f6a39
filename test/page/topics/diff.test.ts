import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { diffLines } from '../../../src/page/topics/diff.ts'

const lines = fc.array(fc.constantFrom('a', 'b', 'c', ''), { minLength: 1, maxLength: 9 })

/** The slow model: the length of the longest list of lines that both have in this order. */
function common(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return 0
  if (a[0] === b[0]) return 1 + common(a.slice(1), b.slice(1))
  return Math.max(common(a.slice(1), b), common(a, b.slice(1)))
}

it('tells what went and what came, and no more than that', () => {
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const diff = diffLines(before.join('\n'), after.join('\n'))
      const of = (...kinds: string[]) =>
        diff.filter(({ kind }) => kinds.includes(kind)).map(({ text }) => text)
      expect(of('same', 'removed')).toEqual(before)
      expect(of('same', 'added')).toEqual(after)
      expect(of('same')).toHaveLength(common(before, after))
    }),
  )
})

it('compares the beginnings of what is very long', () => {
  const long = Array.from({ length: 5_000 }, (_, at) => `${at}`).join('\n')
  expect(diffLines(long, `first\n${long}`)).toHaveLength(601)
})
