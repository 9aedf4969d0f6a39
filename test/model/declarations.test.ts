import { expect, it } from 'vitest'
import { countedDeclarations } from '../../src/model/declarations.ts'

const NONE = { rules: [], pings: [], watches: [], hosts: [], tasks: [], commands: [] }

it.each([
  [{}, '0 rules'],
  [{ rules: ['a'], pings: ['p'] }, '1 rule, 1 ping'],
  [
    { rules: ['a', 'b', 'c', 'w', 'k'], pings: ['p', 'q'], watches: ['w'], commands: ['k'] },
    '3 rules, 2 pings, 1 watch, 1 command',
  ],
  [{ rules: ['a', 't', 't.do', 'u'], tasks: ['t', 'u'] }, '1 rule, 2 tasks'],
  [{ hosts: ['nas'] }, '0 rules, 1 host'],
])('counts a watch as a watch and a task as a task, and neither as a rule: %o', (names, sentence) => {
  expect(countedDeclarations({ ...NONE, ...names })).toBe(sentence)
})
