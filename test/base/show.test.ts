import { expect, it } from 'vitest'
import { show } from '../../src/base/show.ts'

it.each([
  [undefined, 'nothing'],
  [null, 'null'],
  ['5 minutes', '"5 minutes"'],
  [{ every: '5 minutes' }, '{"every":"5 minutes"}'],
  [() => 1, 'a function'],
  [/a+/u, '/a+/u'],
  [12n, '12'],
  [Symbol('s'), 'Symbol(s)'],
])('shows %o as %s', (value, shown) => {
  expect(show(value)).toBe(shown)
})

it('shows what cannot be written as JSON, and never throws', () => {
  const circle: Record<string, unknown> = {}
  circle['itself'] = circle
  expect(show(circle)).toBe('an object')
})

it('is never longer than a line, and obeys no terminal', () => {
  expect(show('x'.repeat(1_000)).length).toBeLessThanOrEqual(81)
  expect(show('\u001B[2J')).not.toContain('\u001B')
})
