import { expect, it } from 'vitest'
import { countedDeclarations } from '../../src/model/declarations.ts'

it.each([
  [{ rules: [], pings: [], watches: [] }, '0 rules'],
  [{ rules: ['a'], pings: ['p'], watches: [] }, '1 rule, 1 ping'],
  [{ rules: ['a', 'b', 'c', 'w'], pings: ['p', 'q'], watches: ['w'] }, '3 rules, 2 pings, 1 watch'],
])('counts a watch as a watch and not as a rule: %o', (names, sentence) => {
  expect(countedDeclarations(names)).toBe(sentence)
})
