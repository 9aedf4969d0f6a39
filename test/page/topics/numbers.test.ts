import { expect, it } from 'vitest'
import { numberAt, numbersIn } from '../../../src/page/topics/numbers.ts'

it.each([
  [21.5, [['', 21.5]]],
  [true, [['', 1]]],
  ['21.5', []],
  [null, []],
  [
    { t: 1, list: [{ x: 2 }, 'no', 3], on: false, none: null },
    [
      ['t', 1],
      ['list.0.x', 2],
      ['list.2', 3],
      ['on', 0],
    ],
  ],
])('finds the numbers of %j, and each again by its path', (value, expected) => {
  expect(numbersIn(value).map(({ path, value: number }) => [path, number])).toEqual(expected)
  for (const [path, number] of expected) expect(numberAt(value, path as string)).toBe(number)
})

it('finds nothing where a path leads nowhere, or to what every object has', () => {
  expect(
    ['a.b', 'toString', 'a.0', 'constructor.length'].map((path) => numberAt({ a: 'text' }, path)),
  ).toEqual([null, null, null, null])
})

it('offers no more numbers than anybody reads', () => {
  expect(numbersIn(Array.from({ length: 500 }, (_, at) => at))).toHaveLength(40)
})
